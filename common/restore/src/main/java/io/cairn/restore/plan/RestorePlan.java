package io.cairn.restore.plan;

import io.cairn.model.StoreName;
import io.cairn.model.backup.CommitObject;
import io.cairn.restore.contents.BackupContents;
import io.cairn.restore.contents.OpenedBackup;
import io.cairn.restore.database.DatabaseSelection;
import io.cairn.restore.target.SpaceNeeded;
import io.cairn.restore.target.TablespaceMapping;
import io.cairn.storage.ObjectStore;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/**
 * A restore that can work: the backup is complete where it will be read, its key opens, the target
 * is free and large enough. Making the plan has written nothing.
 *
 * @param contents the backup, opened
 * @param store where it is read
 * @param others that hold a copy too, for what the store turns out to lack
 * @param before the backups that an incremental one is on top of, the full one first; empty for a
 *     backup that stands alone
 * @param databases which of them come back
 * @param recovers whether a server is to replay WAL into it before it is whole: until then one that
 *     is started on it waits
 * @param directory becomes the data directory
 * @param space what each target directory takes
 * @param notes what whoever reads the plan should know: copies and backups that were passed over,
 *     damage
 */
public record RestorePlan(
        BackupContents contents,
        ObjectStore store,
        List<ObjectStore> others,
        List<OpenedBackup> before,
        DatabaseSelection databases,
        boolean recovers,
        Path directory,
        TablespaceMapping tablespaces,
        SpaceNeeded space,
        List<String> notes) {

    public RestorePlan {
        others = List.copyOf(others);
        before = List.copyOf(before);
        notes = List.copyOf(notes);
    }

    public CommitObject commit() {
        return contents.commit();
    }

    public StoreName storeName() {
        return store.name();
    }

    /** All backups that are read, in their order. */
    public List<OpenedBackup> chain() {
        return Stream.concat(before.stream(), Stream.of(new OpenedBackup(contents, store, others)))
                .toList();
    }

    /** Stored bytes that are read. */
    public long bytesToFetch() {
        return chain().stream().mapToLong(each -> each.commit().bytesStored()).sum();
    }

    /**
     * Bytes of files and of blocks that are written, or passed over since later ones replace them.
     */
    public long bytesToWrite() {
        return chain().stream().mapToLong(each -> each.contents().bytes()).sum();
    }

    public long files() {
        return contents.files().size();
    }
}
