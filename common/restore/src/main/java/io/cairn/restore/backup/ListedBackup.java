package io.cairn.restore.backup;

import io.cairn.model.backup.BackupLayout;
import io.cairn.model.backup.CommitObject;
import java.util.List;

/**
 * A backup with the copies of it that were found, in the order of the stores.
 *
 * @param copies proven copies, at least one
 * @param problems stores that have something under the label that cannot be used
 */
public record ListedBackup(
        BackupLayout layout, List<StoredBackup> copies, List<CopyProblem> problems) {

    public ListedBackup {
        copies = List.copyOf(copies);
        problems = List.copyOf(problems);
    }

    /** What the first copy says. */
    public CommitObject commit() {
        return copies.getFirst().commit();
    }
}
