package io.cairn.executor.publish;

import io.cairn.events.BackupCompleted;
import io.cairn.model.StoreName;
import io.cairn.model.backup.CommitObject;
import io.cairn.model.backup.StoredObject;

/**
 * A backup that exists: its commit object lies in the store.
 *
 * @param object the commit object as it is stored
 */
public record CommittedBackup(CommitObject commit, StoredObject object, StoreName store) {

    /** The fact of it, the same whoever finds the commit object. */
    public BackupCompleted completed() {
        return BackupCompleted.of(commit, object, store);
    }
}
