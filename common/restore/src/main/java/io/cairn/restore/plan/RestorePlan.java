package io.cairn.restore.plan;

import io.cairn.model.StoreName;
import io.cairn.model.backup.CommitObject;
import io.cairn.restore.contents.BackupContents;
import io.cairn.restore.target.SpaceNeeded;
import io.cairn.restore.target.TablespaceMapping;
import io.cairn.storage.ObjectStore;
import java.nio.file.Path;
import java.util.List;

/**
 * A restore that can work: the backup is complete where it will be read, its key opens, the target
 * is free and large enough. Making the plan has written nothing.
 *
 * @param contents the backup, opened
 * @param store where it is read
 * @param directory becomes the data directory
 * @param space what each target directory takes
 * @param notes what whoever reads the plan should know: copies and backups that were passed over,
 *     damage
 */
public record RestorePlan(
        BackupContents contents,
        ObjectStore store,
        Path directory,
        TablespaceMapping tablespaces,
        SpaceNeeded space,
        List<String> notes) {

    public RestorePlan {
        notes = List.copyOf(notes);
    }

    public CommitObject commit() {
        return contents.commit();
    }

    public StoreName storeName() {
        return store.name();
    }

    /** Stored bytes that are read. */
    public long bytesToFetch() {
        return commit().bytesStored();
    }

    /** Bytes of the files that are written. */
    public long bytesToWrite() {
        return contents.bytes();
    }

    public long files() {
        return contents.files().size();
    }
}
