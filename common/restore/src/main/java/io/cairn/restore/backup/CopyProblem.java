package io.cairn.restore.backup;

import io.cairn.model.StoreName;
import io.cairn.model.error.CairnException;
import io.cairn.model.error.ErrorCode;
import java.util.List;

/** Why a store's copy of a backup, or the store itself, cannot be used. */
public record CopyProblem(StoreName store, CairnException cause) {

    /** One line: {@code secondary: … hint: …}. */
    public String message() {
        return store + ": " + cause.messageWithHint();
    }

    /**
     * What to say when nothing usable was found: the first problem if there was one, otherwise that
     * there is nothing.
     */
    public static CairnException notFound(String what, List<CopyProblem> problems) {
        if (problems.isEmpty()) {
            return new CairnException(
                    ErrorCode.BACKUP_NOT_FOUND,
                    "there is no backup " + what,
                    "see what there is with: cairn list");
        }
        CairnException first = problems.getFirst().cause();
        problems.stream()
                .map(CopyProblem::cause)
                .filter(cause -> cause != first)
                .forEach(first::addSuppressed);
        return first;
    }
}
