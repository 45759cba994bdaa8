package io.cairn.catalog.run;

import java.util.List;
import java.util.Optional;

/**
 * A run with its attempts.
 *
 * @param attempts by start, the latest last
 */
public record TrackedRun(Run run, List<Attempt> attempts) {

    public TrackedRun {
        attempts = attempts.stream().sorted(Attempt.BY_START).toList();
    }

    /** The attempt that made the backup, or else the latest. */
    public Optional<Attempt> current() {
        return run.completed()
                .flatMap(completed ->
                        attempts.stream()
                                .filter(attempt -> attempt.attempt().equals(completed.attempt()))
                                .findFirst())
                .or(() -> attempts.isEmpty() ? Optional.empty() : Optional.of(attempts.getLast()));
    }
}
