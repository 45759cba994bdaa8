package io.cairn.restore.backup;

import io.cairn.model.StoreName;
import io.cairn.model.backup.BackupLayout;
import io.cairn.model.error.CairnException;
import io.cairn.model.error.ErrorCode;
import java.util.List;
import java.util.Optional;

/**
 * Why a store's copy of a backup, or the store itself, cannot be used.
 *
 * @param layout where the copy lies; absent where it is the store
 */
public record CopyProblem(StoreName store, Optional<BackupLayout> layout, CairnException cause) {

    /** Of a store. */
    public CopyProblem(StoreName store, CairnException cause) {
        this(store, Optional.empty(), cause);
    }

    /** Of a copy. */
    public CopyProblem(StoreName store, BackupLayout layout, CairnException cause) {
        this(store, Optional.of(layout), cause);
    }

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
