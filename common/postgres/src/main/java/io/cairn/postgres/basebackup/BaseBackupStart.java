package io.cairn.postgres.basebackup;

import io.cairn.model.Lsn;
import io.cairn.model.Timeline;
import io.cairn.model.backup.Archive;
import java.util.List;
import java.util.Optional;

/**
 * What is known when the first byte comes.
 *
 * @param startLsn where replay begins: the checkpoint's redo position
 * @param tablespaces in the order in which they come; the data directory's own is last
 */
public record BaseBackupStart(Lsn startLsn, Timeline timeline, List<TablespaceSize> tablespaces) {

    public BaseBackupStart {
        tablespaces = List.copyOf(tablespaces);
    }

    /**
     * @param tablespace absent for the data directory itself
     * @param estimatedBytes as the server estimated it before it began, in steps of 1 kB
     */
    public record TablespaceSize(Optional<Archive.Tablespace> tablespace, long estimatedBytes) {}

    /** Of everything that comes, WAL and the manifest excepted. */
    public long estimatedBytes() {
        return tablespaces.stream().mapToLong(TablespaceSize::estimatedBytes).sum();
    }
}
