package io.cairn.catalog.retention;

import io.cairn.catalog.retention.History.PastBackup;
import io.cairn.model.BackupLabel;
import io.cairn.model.Sha256;
import io.cairn.model.StoreName;
import java.util.List;
import java.util.Set;
import java.util.SortedMap;

/**
 * A plan with what it comes to.
 *
 * @param bytes stored bytes of each backup, in all stores together
 * @param wal stored bytes and objects of WAL that nothing needs
 * @param orphans attempts that were given up
 * @param unfinished labels whose tombstone is there and some objects still are
 * @param stores all that hold anything of the cluster
 * @param totalBytes of everything of the cluster in all stores
 */
public record Proposal(
        RetentionPlan plan,
        List<PastBackup> backups,
        SortedMap<BackupLabel, Long> bytes,
        Amount wal,
        List<Orphan> orphans,
        List<BackupLabel> unfinished,
        Set<StoreName> stores,
        long totalBytes) {

    public Proposal {
        backups = List.copyOf(backups);
        orphans = List.copyOf(orphans);
        unfinished = List.copyOf(unfinished);
        stores = Set.copyOf(stores);
    }

    /**
     * @param objects in all stores together
     */
    public record Amount(long objects, long bytes) {

        static final Amount NONE = new Amount(0, 0);

        Amount and(long more) {
            return new Amount(objects + 1, bytes + more);
        }
    }

    public Sha256 digest() {
        return plan.digest();
    }

    /** Whether it removes a backup or WAL: what has to be asked for if it is much. */
    public boolean removesSomething() {
        return !plan.expired().isEmpty() || wal.objects() > 0;
    }

    /** Stored bytes that it removes. */
    public long removedBytes() {
        return wal.bytes()
                + plan.expired().stream().mapToLong(label -> bytes.getOrDefault(label, 0L)).sum();
    }
}
