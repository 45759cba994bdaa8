package io.cairn.cli;

import io.cairn.model.ClusterName;
import io.cairn.model.backup.ClusterRoot;
import io.cairn.model.backup.CommitObject;
import io.cairn.model.wal.SegmentSize;
import io.cairn.restore.backup.BackupLister;
import io.cairn.restore.backup.BackupListing;
import io.cairn.restore.backup.BackupReader;
import io.cairn.restore.backup.CopyProblem;
import io.cairn.restore.backup.ListedBackup;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/** The lives of a cluster in the stores, with the size of its WAL segments. */
final class WalRoots {

    private WalRoots() {}

    /**
     * @param size as the cluster's backups say; 16 MiB where there is none
     */
    record Root(ClusterRoot root, SegmentSize size) {}

    /** By when their first backup or WAL was found. */
    static List<Root> of(
            ClusterName cluster, List<BackupReader> readers, Consumer<CopyProblem> problems) {
        BackupListing listing = new BackupLister(readers).list(cluster);
        Map<ClusterRoot, SegmentSize> sizes = new LinkedHashMap<>();
        for (ListedBackup backup : listing.backups()) {
            CommitObject commit = backup.commit();
            sizes.put(backup.layout().root(), SegmentSize.of(commit));
        }
        // A store that is away is among the listing's problems already.
        listing.problems().forEach(problems);
        for (BackupReader reader : readers) {
            if (listing.problems().stream()
                    .noneMatch(problem ->
                            problem.layout().isEmpty() && problem.store().equals(reader.name()))) {
                reader.roots(cluster).forEach(root -> sizes.putIfAbsent(root, SegmentSize.DEFAULT));
            }
        }
        return sizes.entrySet().stream()
                .map(entry -> new Root(entry.getKey(), entry.getValue()))
                .toList();
    }
}
