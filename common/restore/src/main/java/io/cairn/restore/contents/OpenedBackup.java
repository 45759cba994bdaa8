package io.cairn.restore.contents;

import io.cairn.model.backup.CommitObject;
import io.cairn.storage.ObjectStore;

/**
 * A backup that is complete where it will be read, and whose key opens.
 *
 * @param store where it is read
 */
public record OpenedBackup(BackupContents contents, ObjectStore store) {

    public CommitObject commit() {
        return contents.commit();
    }
}
