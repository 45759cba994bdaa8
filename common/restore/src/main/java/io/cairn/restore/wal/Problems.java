package io.cairn.restore.wal;

import io.cairn.model.error.CairnException;
import io.cairn.model.error.ErrorCategory;
import java.util.List;
import java.util.Optional;

/** What to say when every copy failed. */
final class Problems {

    private Problems() {}

    /**
     * One that may pass by itself before one that will not: as long as a copy may come back,
     * nothing is lost. The others are its suppressed exceptions.
     */
    static Optional<CairnException> worst(List<CairnException> problems) {
        Optional<CairnException> first =
                problems.stream()
                        .filter(problem -> problem.category() == ErrorCategory.TRANSIENT)
                        .findFirst()
                        .or(() -> problems.stream().findFirst());
        first.ifPresent(shown ->
                problems.stream()
                        .filter(problem -> problem != shown)
                        .forEach(shown::addSuppressed));
        return first;
    }
}
