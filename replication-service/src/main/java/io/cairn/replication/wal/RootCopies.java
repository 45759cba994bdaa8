package io.cairn.replication.wal;

import io.cairn.events.WalGapCause;
import io.cairn.events.WalGapDetected;
import io.cairn.model.BackupKind;
import io.cairn.model.ObjectKey;
import io.cairn.model.StoreName;
import io.cairn.model.Timeline;
import io.cairn.model.backup.BackupLayout;
import io.cairn.model.backup.ClusterRoot;
import io.cairn.model.backup.CommitObject;
import io.cairn.model.error.CairnException;
import io.cairn.model.record.ExpiredWal;
import io.cairn.model.wal.LsnRange;
import io.cairn.model.wal.SegmentSize;
import io.cairn.model.wal.StoredWal;
import io.cairn.model.wal.WalFolder;
import io.cairn.model.wal.WalLayout;
import io.cairn.model.wal.WalSegment;
import io.cairn.replication.copy.CopyMeters;
import io.cairn.replication.copy.CopyOutcome;
import io.cairn.replication.lag.LagTracker;
import io.cairn.replication.reconcile.CommitListing;
import io.cairn.replication.route.Copy;
import io.cairn.replication.route.StorePair;
import io.cairn.replication.wal.Comparison.Difference;
import io.cairn.storage.InOrder;
import io.cairn.storage.ObjectInfo;
import io.cairn.storage.ObjectStore;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import org.jboss.logging.Logger;

/**
 * Makes one life of a cluster have the same WAL in two stores. Keys are copied before what was
 * stored under them; objects in the order of the WAL, some at a time.
 *
 * <p>For one thread.
 */
final class RootCopies {

    private static final Logger LOG = Logger.getLogger(RootCopies.class);

    /** Differences that are looked for before they are copied; bounds the memory. */
    private static final int BATCH = 1000;

    /** A damaged archive is told of; each of its objects need not be. */
    private static final int REFUSALS_MAX = 10_000;

    /** So many objects behind, the order in which they are copied matters. */
    private static final int BACKLOG = 8;

    /** How far back the newest full is looked for, one after the other; the last finds any. */
    private static final List<Duration> LOOK_BACK =
            List.of(Duration.ofDays(2), Duration.ofDays(16), Duration.ofDays(20_000));

    /** Nothing expires this soon. */
    private static final Duration YOUNG = Duration.ofDays(1);

    private static final int LABELS_MAX = 16;
    private static final int COMMIT_BYTES_MAX = 256 << 20;

    private final StorePair pair;
    private final WalLayout layout;
    private final Ways ways;
    private final LagTracker lag;
    private final InstantSource clock;
    private final Map<Area, Progress> progress = new EnumMap<>(Area.class);

    /** What was not copied since the last comparison of everything, and to where. */
    private final Map<ObjectKey, StoreName> refused = new ConcurrentHashMap<>();

    private final List<WalGapDetected> untold = new ArrayList<>();
    private Optional<SegmentSize> size = Optional.empty();
    private boolean compared;

    private enum Area {
        SEGMENTS,
        PIECES,
        KEYS
    }

    /** Into both stores. */
    record Ways(Way first, Way second, int parallel) {}

    /** Into a store. */
    record Way(WalObjects into, CopyMeters meters) {

        ObjectStore store() {
            return into.target();
        }
    }

    private record Transfer(ObjectKey key, Optional<ObjectInfo> info, Way from, Way to) {}

    RootCopies(StorePair pair, ClusterRoot root, Ways ways, LagTracker lag, InstantSource clock) {
        this.pair = pair;
        this.layout = new WalLayout(root);
        this.ways = ways;
        this.lag = lag;
        this.clock = clock;
        restart();
    }

    /** The next round compares everything. */
    void restart() {
        for (Area area : Area.values()) {
            progress.put(area, Progress.NONE);
        }
        refused.clear();
    }

    /**
     * Copies what is new since the last round. What was copied stays counted if it ends early.
     *
     * @throws CairnException a {@code STORE_…} code, if a store cannot be used now
     */
    void run() throws InterruptedException {
        copy(Area.SEGMENTS);
        copy(Area.PIECES);
        compared = true;
        settle();
    }

    /** Whether everything was compared at least once. */
    boolean isCompared() {
        return compared;
    }

    private void copy(Area area) throws InterruptedException {
        boolean complete = false;
        while (!complete) {
            Comparison found =
                    Comparison.of(
                            ways.first().store(),
                            ways.second().store(),
                            prefix(area),
                            key -> isOf(area, key),
                            progress.get(area),
                            BATCH);
            List<Difference> differences = found.differences();
            if (area != Area.KEYS && !differences.isEmpty()) {
                // Listed after what was stored under them, so that none of them is missed.
                copy(Area.KEYS);
                differences = afterTheNewest(area, differences);
            }
            transfer(differences);
            progress.put(area, found.next());
            complete = found.complete();
        }
    }

    /**
     * After an outage: copies the WAL behind the newest full first, so that the newest moment can
     * be recovered soonest.
     *
     * @return what is left to be copied
     */
    private List<Difference> afterTheNewest(Area area, List<Difference> found)
            throws InterruptedException {
        if (found.size() < BACKLOG) {
            return found;
        }
        Optional<ObjectKey> from = newestFull().map(full -> before(area, full));
        if (from.isEmpty() || found.getFirst().key().compareTo(from.get()) > 0) {
            return found;
        }
        Progress next = new Progress(from, Set.of());
        boolean complete = false;
        while (!complete) {
            Comparison newer =
                    Comparison.of(
                            ways.first().store(),
                            ways.second().store(),
                            prefix(area),
                            key -> isOf(area, key),
                            next,
                            BATCH);
            transfer(newer.differences());
            next = newer.next();
            complete = newer.complete();
        }
        return found.stream().filter(older -> older.key().compareTo(from.get()) <= 0).toList();
    }

    /** The key right before the first of the WAL that the backup needs. */
    private ObjectKey before(Area area, CommitObject full) {
        WalSegment segment =
                WalSegment.containing(full.timeline(), full.startLsn(), SegmentSize.of(full));
        return area == Area.PIECES ? layout.beforePieces(segment) : layout.before(segment);
    }

    /** The newest in either store: its copy is made at the same time. */
    private Optional<CommitObject> newestFull() {
        return List.of(ways.first(), ways.second()).stream()
                .flatMap(way -> newestFull(way.store()).stream())
                .max(Comparator.comparing(CommitObject::label));
    }

    private Optional<CommitObject> newestFull(ObjectStore store) {
        for (Duration back : LOOK_BACK) {
            List<ObjectKey> fulls =
                    new CommitListing(store)
                            .since(layout.root(), clock.instant().minus(back)).stream()
                                    .map(ObjectInfo::key)
                                    .filter(key ->
                                            BackupLayout.ofCommit(key)
                                                    .filter(backup ->
                                                            backup.label().kind()
                                                                    != BackupKind.INCREMENTAL)
                                                    .isPresent())
                                    .toList();
            if (!fulls.isEmpty()) {
                return commit(fulls.getLast(), store);
            }
        }
        return Optional.empty();
    }

    private static Optional<CommitObject> commit(ObjectKey key, ObjectStore store) {
        try {
            return Optional.of(
                    CommitObject.fromJson(
                            store.read(key, COMMIT_BYTES_MAX),
                            key + " in store '" + store.name() + "'"));
        } catch (CairnException e) {
            return switch (e.code()) {
                // Told when its backup is to be copied.
                case COMMIT_INVALID, FORMAT_UNSUPPORTED, STORE_OBJECT_MISSING -> Optional.empty();
                default -> throw e;
            };
        }
    }

    private String prefix(Area area) {
        return switch (area) {
            case SEGMENTS -> layout.walPrefix();
            case PIECES -> layout.piecesPrefix();
            case KEYS -> layout.keysPrefix();
        };
    }

    /** What somebody else put there is left alone. */
    private boolean isOf(Area area, ObjectKey key) {
        return area == Area.KEYS ? layout.isWrappedKey(key) : StoredWal.of(key).isPresent();
    }

    private void transfer(List<Difference> differences) throws InterruptedException {
        List<Transfer> transfers = new ArrayList<>();
        List<ExpiredWal> expired = expired(differences);
        CoveringSegments covering = new CoveringSegments();
        for (Difference found : differences) {
            Transfer transfer =
                    found.first().isPresent()
                            ? new Transfer(
                                    found.key(),
                                    found.second().isPresent() ? Optional.empty() : found.first(),
                                    ways.first(),
                                    ways.second())
                            : new Transfer(
                                    found.key(), found.second(), ways.second(), ways.first());
            if (isWanted(found.key(), expired) && !covering.cover(transfer)) {
                transfers.add(transfer);
            }
        }
        // All at once: the lag is the age of the oldest.
        transfers.forEach(transfer ->
                transfer.info()
                        .ifPresent(info ->
                                lag.missing(
                                        copyTo(transfer.to()),
                                        transfer.key(),
                                        info.lastModified())));
        InOrder.each(transfers, ways.parallel(), this::transfer);
    }

    /**
     * What retention has given up is not copied back to where it is deleted already. The record is
     * in every store before anything is deleted in one; it is read anew for each batch that WAL of
     * some age is missing of, since it may be younger than the listings.
     */
    private List<ExpiredWal> expired(List<Difference> differences) {
        Instant young = clock.instant().minus(YOUNG);
        boolean old =
                differences.stream()
                        .flatMap(found -> Stream.of(found.first(), found.second()))
                        .flatMap(Optional::stream)
                        .anyMatch(info -> info.lastModified().isBefore(young));
        List<ExpiredWal> records = new ArrayList<>();
        if (old) {
            for (Way way : List.of(ways.first(), ways.second())) {
                newestRecord(way.store()).ifPresent(records::add);
            }
        }
        return records;
    }

    private Optional<ExpiredWal> newestRecord(ObjectStore store) {
        try (Stream<ObjectInfo> listed = store.list(ExpiredWal.prefix(layout.root()))) {
            return ExpiredWal.newest(layout.root(), listed.map(ObjectInfo::key).toList())
                    .map(key ->
                            ExpiredWal.fromJson(
                                    store.read(key, ExpiredWal.BYTES_MAX),
                                    key + " in store '" + store.name() + "'"));
        }
    }

    private boolean isWanted(ObjectKey key, List<ExpiredWal> records) {
        return records.stream().max(Comparator.comparing(ExpiredWal::at)).stream()
                .allMatch(record ->
                        range(key)
                                .map(hole -> record.wants(hole.timeline(), hole.range()))
                                .orElse(true));
    }

    private boolean transfer(Transfer transfer) throws InterruptedException {
        ObjectStore source = transfer.from().store();
        CopyOutcome outcome =
                transfer.info().isPresent()
                        ? transfer.to().into().copy(transfer.key(), source)
                        : transfer.to().into().compare(transfer.key(), source);
        switch (outcome) {
            case CopyOutcome.Copied copied -> {
                transfer.to().meters().copied(copied.bytes());
                lag.settled(copyTo(transfer.to()), transfer.key());
            }
            case CopyOutcome.Present _, CopyOutcome.Missing _ ->
                    lag.settled(copyTo(transfer.to()), transfer.key());
            case CopyOutcome.SourceDamaged damaged -> refuse(transfer, damaged.why());
            case CopyOutcome.TargetDiffers differs -> refuse(transfer, differs.why());
        }
        return true;
    }

    /** It stays missing, so that the lag tells of it until it is copied or gone. */
    private void refuse(Transfer transfer, CairnException why) {
        StoreName target = transfer.to().store().name();
        LOG.errorf(
                "WAL is not copied to store '%s': %s: %s",
                target, why.code(), why.messageWithHint());
        transfer.to().meters().refused(why);
        lag.missing(copyTo(transfer.to()), transfer.key(), clock.instant());
        if (refused.size() < REFUSALS_MAX) {
            refused.put(transfer.key(), target);
        }
        range(transfer.key()).ifPresent(hole -> untold(transfer, hole, why));
    }

    private synchronized void untold(Transfer transfer, Hole hole, CairnException why) {
        if (untold.size() < BATCH) {
            untold.add(
                    new WalGapDetected(
                            pair.cluster(),
                            pair.tier(),
                            layout.root().systemIdentifier(),
                            hole.timeline(),
                            transfer.to().store().name(),
                            WalGapCause.NOT_COPIED,
                            hole.range().start(),
                            Optional.of(hole.range().end()),
                            hole.divergence(),
                            why.getMessage(),
                            clock.instant()));
        }
    }

    /** What is to be told of WAL that could not be copied; each is given out once. */
    synchronized List<WalGapDetected> refusals() {
        List<WalGapDetected> taken = List.copyOf(untold);
        untold.clear();
        return taken;
    }

    private record Hole(Timeline timeline, Optional<String> divergence, LsnRange range) {}

    /** Keys and history files hold no WAL. */
    private Optional<Hole> range(ObjectKey key) {
        Optional<StoredWal> stored = StoredWal.of(key);
        Optional<LsnRange> range =
                stored.flatMap(wal ->
                        switch (wal) {
                            case StoredWal.Piece piece -> Optional.of(piece.range());
                            case StoredWal.Segment segment -> range(segment.name());
                            case StoredWal.Partial partial -> range(partial.name());
                            case StoredWal.History _ -> Optional.empty();
                        });
        return range.map(wal -> new Hole(stored.get().timeline(), stored.get().divergence(), wal));
    }

    private Optional<LsnRange> range(String segment) {
        try {
            return segmentSize().map(bytes -> WalSegment.parse(segment, bytes).range());
        } catch (CairnException e) {
            // Of another size, or a store is away: the log and the metric tell of it all the same.
            LOG.debugf("%s: %s", e.code(), e.messageWithHint());
            return Optional.empty();
        }
    }

    /** Whether something of a timeline could not be copied to a store. */
    boolean hasHole(StoreName target, Timeline timeline, Optional<String> divergence) {
        return refused.entrySet().stream()
                .filter(entry -> entry.getValue().equals(target))
                .flatMap(entry -> StoredWal.of(entry.getKey()).stream())
                .anyMatch(wal ->
                        wal.timeline().equals(timeline) && wal.divergence().equals(divergence));
    }

    /** What is still counted as missing was copied by somebody else, or left its store. */
    private void settle() {
        for (Way to : List.of(ways.first(), ways.second())) {
            Copy copy = copyTo(to);
            for (ObjectKey key : lag.missing(copy)) {
                if (key.value().startsWith(layout.root().prefix()) && !refused.containsKey(key)) {
                    lag.settled(copy, key);
                }
            }
        }
    }

    /**
     * While a round cannot be ended: the oldest object that is known to be missing is looked for in
     * the store that does answer.
     */
    void measure() {
        if (!compared) {
            return;
        }
        measure(ways.first(), ways.second());
        measure(ways.second(), ways.first());
    }

    private void measure(Way from, Way to) {
        for (Area area : List.of(Area.SEGMENTS, Area.PIECES)) {
            Progress known = progress.getOrDefault(area, Progress.NONE);
            try {
                from.store()
                        .list(prefix(area), known.after())
                        .filter(info -> isOf(area, info.key()))
                        .filter(info -> !known.settled().contains(info.key()))
                        .findFirst()
                        .ifPresent(
                                info -> lag.missing(copyTo(to), info.key(), info.lastModified()));
            } catch (CairnException e) {
                // This is the store that is away: nothing can be known of it, and it is told.
                LOG.debugf("%s: %s", e.code(), e.messageWithHint());
                return;
            }
        }
    }

    private Copy copyTo(Way way) {
        return new Copy(pair.cluster(), way.store().name());
    }

    /** Fixed when the cluster was made; any backup of it knows. */
    private synchronized Optional<SegmentSize> segmentSize() {
        for (Way way : List.of(ways.first(), ways.second())) {
            if (size.isEmpty()) {
                size = segmentSize(way.store());
            }
        }
        return size;
    }

    /** Unknown while no backup is there: pieces are copied then that need not be. */
    private Optional<SegmentSize> segmentSize(ObjectStore store) {
        return new CommitListing(store)
                .any(layout.root(), LABELS_MAX)
                .flatMap(info -> commit(info.key(), store))
                .map(SegmentSize::of);
    }

    /**
     * Pieces need not be copied where their segment is. Asks once for each segment; for one batch
     * of differences.
     */
    private final class CoveringSegments {

        private final Map<Place, Boolean> asked = new HashMap<>();

        private record Place(StoreName store, ObjectKey segment) {}

        boolean cover(Transfer transfer) {
            if (transfer.info().isEmpty()
                    || !(StoredWal.of(transfer.key()).orElse(null)
                            instanceof StoredWal.Piece piece)) {
                return false;
            }
            return segmentSize()
                    .filter(bytes -> isIn(transfer.to().store(), segment(piece, bytes)))
                    .isPresent();
        }

        private ObjectKey segment(StoredWal.Piece piece, SegmentSize bytes) {
            return new WalFolder(layout, piece.timeline(), piece.divergence())
                    .segment(WalSegment.containing(piece.timeline(), piece.range().start(), bytes));
        }

        private boolean isIn(ObjectStore store, ObjectKey segment) {
            return asked.computeIfAbsent(
                    new Place(store.name(), segment), _ -> store.head(segment).isPresent());
        }
    }
}
