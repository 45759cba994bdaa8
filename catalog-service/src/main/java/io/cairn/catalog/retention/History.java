package io.cairn.catalog.retention;

import io.cairn.model.AttemptId;
import io.cairn.model.BackupKind;
import io.cairn.model.BackupLabel;
import io.cairn.model.Lsn;
import io.cairn.model.StoreName;
import io.cairn.model.Tier;
import io.cairn.model.Timeline;
import io.cairn.model.backup.ClusterRoot;
import io.cairn.model.wal.LsnRange;
import io.cairn.model.wal.SegmentSize;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Everything that decides what of one life of a cluster expires.
 *
 * @param stores those that were listed, all of them in full
 * @param backups committed and without a tombstone; where stores hold different attempts of a
 *     label, each of them
 * @param timelines those of which anything is stored
 * @param holds that were not released
 * @param walReadFrom all WAL from here on is being read, of every timeline
 */
public record History(
        ClusterRoot root,
        Tier tier,
        Instant now,
        Set<StoreName> stores,
        SegmentSize segmentSize,
        List<PastBackup> backups,
        SortedMap<Timeline, PastTimeline> timelines,
        List<PlacedHold> holds,
        Optional<Lsn> walReadFrom) {

    public History {
        stores = Set.copyOf(stores);
        backups = List.copyOf(backups);
        timelines = new TreeMap<>(timelines);
        holds = List.copyOf(holds);
    }

    /**
     * A committed backup.
     *
     * @param completedAt by the executor's clock
     * @param includesWal whether it can be made consistent without stored WAL
     * @param refuted damaged at the source, or found wrong and not proven since
     * @param provenAt when all its bytes were last read and right, or a server restored from it
     * @param copies by store
     * @param busy what works on it
     */
    public record PastBackup(
            BackupLabel label,
            AttemptId attempt,
            Optional<BackupLabel> parent,
            Timeline timeline,
            Lsn startLsn,
            Lsn stopLsn,
            Instant completedAt,
            boolean includesWal,
            boolean refuted,
            Optional<Instant> provenAt,
            Map<StoreName, PastCopy> copies,
            Set<Reason.Work> busy) {

        public PastBackup {
            copies = Map.copyOf(copies);
            busy = Set.copyOf(busy);
        }

        public BackupKind kind() {
            return label.kind();
        }

        /** Whether a recovery can begin with it, its chain aside. */
        boolean isBase() {
            return kind() != BackupKind.LOG && !refuted;
        }

        boolean isCompleteIn(StoreName store) {
            PastCopy copy = copies.get(store);
            return copy != null && copy.complete();
        }

        boolean isProven() {
            return !refuted
                    && provenAt.isPresent()
                    && copies.values().stream().anyMatch(PastCopy::complete);
        }
    }

    /**
     * @param complete whether every part is there
     * @param bytes stored
     * @param lockedUntil the latest end of a lock on any object of it that was asked
     */
    public record PastCopy(boolean complete, long bytes, Optional<Instant> lockedUntil) {}

    /**
     * What is stored of a timeline's WAL.
     *
     * @param fork where it left which other, if that is known
     * @param stored in any store, from low to high
     * @param storedAt when the newest of it was first stored; everything that was committed on it
     *     is older
     */
    public record PastTimeline(
            Timeline timeline,
            Optional<Fork> fork,
            List<LsnRange> stored,
            Optional<Instant> storedAt) {

        public PastTimeline {
            stored = List.copyOf(stored);
        }

        Optional<Lsn> first() {
            return stored.isEmpty() ? Optional.empty() : Optional.of(stored.getFirst().start());
        }

        Optional<Lsn> last() {
            return stored.isEmpty() ? Optional.empty() : Optional.of(stored.getLast().end());
        }
    }

    public record Fork(Timeline parent, Lsn at) {}

    public record PlacedHold(String id, BackupLabel label) {}
}
