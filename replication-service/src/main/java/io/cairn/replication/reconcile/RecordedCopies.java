package io.cairn.replication.reconcile;

import io.cairn.events.BackupReplicated;
import io.cairn.events.EventObject;
import io.cairn.model.AttemptId;
import io.cairn.model.ObjectKey;
import io.cairn.model.StoreName;
import io.cairn.model.backup.BackupLayout;
import io.cairn.model.backup.ClusterRoot;
import io.cairn.model.backup.CommitObject;
import io.cairn.model.error.CairnException;
import io.cairn.model.wal.SegmentSize;
import io.cairn.model.wal.StoredWal;
import io.cairn.model.wal.WalFolder;
import io.cairn.model.wal.WalLayout;
import io.cairn.model.wal.WalSegment;
import io.cairn.storage.ObjectInfo;
import io.cairn.storage.ObjectStore;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Stream;

/**
 * What can be said of a store that is away, by looking at one that is there: the copies of backups
 * that were recorded under {@code records/copies/} say when the other was last known to be whole.
 * What was stored later may be missing there. So the lag goes on where it was when the process that
 * measures it is started anew during an outage, and whatever events were lost; it is too long
 * rather than too short, by no more than the time between two backups.
 */
public final class RecordedCopies {

    private static final int COMMIT_BYTES_MAX = 256 << 20;

    /** How far back labels are looked at, one after the other; then at all. */
    private static final List<Duration> LOOK_BACK =
            List.of(Duration.ofDays(2), Duration.ofDays(16));

    private final ObjectStore here;
    private final StoreName away;

    /**
     * @param here the store that answers
     * @param away the one to be told of
     */
    public RecordedCopies(ObjectStore here, StoreName away) {
        this.here = here;
        this.away = away;
    }

    /**
     * @param at when it was recorded
     */
    private record Recorded(CommitObject commit, Instant at) {}

    /**
     * The commit objects that were stored here after the newest one that is known to be in the
     * other store.
     *
     * @throws CairnException a {@code STORE_…} code, if this store cannot be used either
     */
    public void missing(ClusterRoot root, Instant now, Consumer<ObjectInfo> missing) {
        newest(root, now, missing);
    }

    /**
     * When the oldest WAL was stored that is not known to be in the other store.
     *
     * @throws CairnException a {@code STORE_…} code, if this store cannot be used either
     */
    public Optional<Instant> oldestWal(ClusterRoot root, Instant now) {
        WalLayout layout = new WalLayout(root);
        Optional<Recorded> known = newest(root, now, _ -> {});
        if (known.isEmpty()) {
            return Stream.of(layout.walPrefix(), layout.piecesPrefix())
                    .flatMap(prefix -> oldest(prefix, Optional.empty(), Instant.MIN).stream())
                    .min(Comparator.naturalOrder());
        }
        CommitObject commit = known.get().commit();
        WalSegment segment =
                WalSegment.containing(commit.timeline(), commit.startLsn(), SegmentSize.of(commit));
        ObjectKey from = WalFolder.of(layout, commit.timeline()).segment(segment);
        return Stream.of(
                        oldest(layout.walPrefix(), Optional.of(from), known.get().at()),
                        oldest(
                                layout.piecesPrefix(),
                                Optional.of(
                                        new ObjectKey(
                                                layout.piecesPrefix(commit.timeline()) + "0")),
                                known.get().at()))
                .flatMap(Optional::stream)
                .min(Comparator.naturalOrder());
    }

    private Optional<Instant> oldest(String prefix, Optional<ObjectKey> after, Instant since) {
        try (Stream<ObjectInfo> listed = here.list(prefix, after)) {
            return listed.filter(info -> StoredWal.of(info.key()).isPresent())
                    .map(ObjectInfo::lastModified)
                    .filter(stored -> stored.isAfter(since))
                    .findFirst();
        }
    }

    private Optional<Recorded> newest(ClusterRoot root, Instant now, Consumer<ObjectInfo> missing) {
        Instant before = Instant.MAX;
        for (Duration back : LOOK_BACK) {
            Instant from = now.minus(back);
            Optional<Recorded> found = newest(root, from, before, missing);
            if (found.isPresent()) {
                return found;
            }
            before = from;
        }
        return newest(root, Instant.EPOCH, before, missing);
    }

    private Optional<Recorded> newest(
            ClusterRoot root, Instant from, Instant before, Consumer<ObjectInfo> missing) {
        List<ObjectInfo> newestFirst =
                new CommitListing(here)
                        .since(root, from).stream()
                                .filter(info ->
                                        BackupLayout.ofCommit(info.key())
                                                .filter(layout ->
                                                        layout.label().due().isBefore(before))
                                                .isPresent())
                                .toList()
                                .reversed();
        for (ObjectInfo info : newestFirst) {
            Optional<Recorded> recorded = recorded(info.key());
            if (recorded.isPresent()) {
                return recorded;
            }
            missing.accept(info);
        }
        return Optional.empty();
    }

    private Optional<Recorded> recorded(ObjectKey key) {
        CommitObject commit;
        try {
            commit = CommitObject.fromJson(here.read(key, COMMIT_BYTES_MAX), key.value());
        } catch (CairnException e) {
            return switch (e.code()) {
                // Told where it is to be copied.
                case COMMIT_INVALID, FORMAT_UNSUPPORTED, STORE_OBJECT_MISSING -> Optional.empty();
                default -> throw e;
            };
        }
        return here.head(record(commit, away))
                .or(() ->
                        here.head(record(commit, here.name()))
                                .filter(info -> cameFromThere(info.key())))
                .map(info -> new Recorded(commit, info.lastModified()));
    }

    /** Whether it was copied here from the other store. */
    private boolean cameFromThere(ObjectKey record) {
        try {
            return EventObject.read(here.read(record, EventObject.BYTES_MAX), record, here.name())
                            instanceof BackupReplicated copied
                    && copied.source().equals(away);
        } catch (CairnException e) {
            return switch (e.code()) {
                case EVENT_UNREADABLE, STORE_OBJECT_MISSING -> false;
                default -> throw e;
            };
        }
    }

    private static ObjectKey record(CommitObject commit, StoreName target) {
        AttemptId attempt = commit.attempt();
        BackupReplicated fact =
                new BackupReplicated(
                        commit.run(), attempt, target, target, Instant.EPOCH, Duration.ZERO, 0, 0);
        return EventObject.of(fact).key(commit.layout().root(), EventObject.COPIES, commit.label());
    }
}
