package io.cairn.catalog.retention;

import io.cairn.catalog.Fixtures;
import io.cairn.catalog.Histories;
import io.cairn.catalog.projection.Projection;
import io.cairn.catalog.retention.History.Fork;
import io.cairn.events.CairnEvent;
import io.cairn.events.ValidationPassed;
import io.cairn.model.AttemptId;
import io.cairn.model.BackupKind;
import io.cairn.model.BackupLabel;
import io.cairn.model.ClusterName;
import io.cairn.model.Lsn;
import io.cairn.model.ObjectKey;
import io.cairn.model.RunId;
import io.cairn.model.Sha256;
import io.cairn.model.StoreName;
import io.cairn.model.Tier;
import io.cairn.model.Timeline;
import io.cairn.model.backup.BackupLayout;
import io.cairn.model.backup.ClusterRoot;
import io.cairn.model.backup.CommitObject;
import io.cairn.model.policy.RunPolicy;
import io.cairn.model.policy.TierPolicy;
import io.cairn.model.record.ReadLease;
import io.cairn.model.record.Tombstone;
import io.cairn.model.wal.LsnRange;
import io.cairn.model.wal.SegmentSize;
import io.cairn.model.wal.WalLayout;
import io.cairn.model.wal.WalMetadata;
import io.cairn.model.wal.WalSegment;
import io.cairn.storage.FakeObjectStore;
import io.cairn.storage.ObjectBody;
import io.cairn.storage.ObjectStore;
import io.cairn.storage.PutOptions;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/**
 * A cluster in two stores whose clock the test moves: a segment of WAL a day, and backups when it
 * says.
 */
final class StoredCluster {

    static final ClusterName CLUSTER = new ClusterName("shop");
    static final ClusterRoot ROOT = new ClusterRoot(CLUSTER, Histories.SYSTEM);
    static final SegmentSize SIZE = new SegmentSize(16 << 20);
    static final Instant BEGIN = Instant.parse("2026-01-01T00:00:00Z");
    private static final Timeline TIMELINE = new Timeline(1);
    private static final WalLayout WAL = new WalLayout(ROOT);

    private final ClusterName name;
    private final Instant begin;
    private final List<ObjectStore> others;
    Instant now;
    Tier tier = Tier.OLTP;
    Duration skew = Duration.ZERO;
    final FakeObjectStore primary = FakeObjectStore.locking("primary", () -> now);
    final FakeObjectStore secondary = FakeObjectStore.locking("secondary", () -> now);
    final List<CairnEvent> events = new ArrayList<>();
    private Consumer<CairnEvent> witness = _ -> {};
    private final Map<Timeline, Fork> forks = new HashMap<>();
    private Timeline timeline = TIMELINE;
    private int day;

    StoredCluster() {
        this(CLUSTER, BEGIN, List.of());
    }

    /**
     * @param others where it is stored, instead of in the two of its own
     */
    StoredCluster(ClusterName name, Instant begin, List<ObjectStore> others) {
        this.name = name;
        this.begin = begin;
        this.now = begin;
        this.others = List.copyOf(others);
    }

    static TierPolicy policy(int retentionDays, int windowDays) {
        return new TierPolicy(
                Tier.OLTP,
                Duration.ofDays(windowDays),
                new RunPolicy(
                        Duration.ofDays(retentionDays),
                        Duration.ofMinutes(15),
                        Duration.ofMinutes(15),
                        List.of(new StoreName("primary"), new StoreName("secondary")),
                        6,
                        RunPolicy.VOLUME_BYTES_DEFAULT),
                List.of());
    }

    Retention retention(double share) {
        return retention(
                share,
                new KnownWork() {
                    @Override
                    public Map<BackupLabel, Set<Reason.Work>> busy(ClusterName cluster) {
                        return Map.of();
                    }

                    @Override
                    public Map<Timeline, Fork> forks(ClusterRoot root) {
                        return forks;
                    }
                });
    }

    Retention retention(double share, KnownWork work) {
        RetentionGuards defaults = RetentionGuards.DEFAULT;
        return new Retention(
                stores(),
                work,
                new RetentionGuards(
                        share, defaults.clockSkew(), defaults.orphanAge(), defaults.pieceAge()),
                () -> now.plus(skew),
                event -> {
                    events.add(event);
                    witness.accept(event);
                });
    }

    /** Something happens when a clean-up tells something. */
    void events(Consumer<CairnEvent> somebodyElse) {
        witness = somebodyElse;
    }

    /** Somebody reads, from the primary store. */
    void lease(ReadLease lease) {
        primary.putIfAbsent(lease.key(ROOT), ObjectBody.of(lease.toJson())).orThrow();
    }

    List<ObjectStore> stores() {
        return others.isEmpty() ? List.of(primary, secondary) : others;
    }

    /** Lives until a day, a segment each. */
    void until(int next) {
        while (day < next) {
            WalSegment segment = today();
            for (ObjectStore store : stores()) {
                put(store, key(segment), wal(segment.name()));
            }
            day++;
            now = begin.plus(Duration.ofDays(day));
        }
    }

    static WalSegment segment(int day) {
        return new WalSegment(TIMELINE, day + 1L, SIZE);
    }

    private WalSegment today() {
        return new WalSegment(timeline, day + 1L, SIZE);
    }

    /** The key of a session that begins now. */
    ObjectKey session(String keyId) {
        ObjectKey key = WAL.wrappedKey(timeline, today().start(), keyId);
        stores().forEach(store -> put(store, key, PutOptions.NONE));
        return key;
    }

    /** Leaves its timeline for the next, which the session tells that streamed until now. */
    void promote(String keyId) {
        Timeline left = timeline;
        timeline = new Timeline(left.id() + 1);
        forks.put(timeline, new Fork(left, today().start()));
        ObjectKey history = WAL.history(timeline);
        stores().forEach(store ->
                put(
                        store,
                        history,
                        PutOptions.NONE.withMetadata(Map.of(WalMetadata.KEY_ID, keyId))));
    }

    ObjectKey key(WalSegment segment) {
        return new WalLayout(new ClusterRoot(name, Histories.SYSTEM)).segment(segment);
    }

    static ObjectKey segmentKey(int day) {
        return WAL.segment(segment(day));
    }

    static ObjectKey historyKey(int timeline) {
        return WAL.history(new Timeline(timeline));
    }

    /** Half a segment, of the day that comes. */
    ObjectKey piece(ObjectStore... in) {
        Lsn start = segment(day).start();
        ObjectKey key = WAL.piece(TIMELINE, new LsnRange(start, start.plus(8 << 20)));
        for (ObjectStore store : in) {
            put(store, key, wal("piece"));
        }
        return key;
    }

    private static PutOptions wal(String bytes) {
        return PutOptions.NONE.withMetadata(
                Map.of("plain-sha256", Sha256.of(bytes.getBytes(StandardCharsets.UTF_8)).hex()));
    }

    static void put(ObjectStore store, ObjectKey key, PutOptions options) {
        store.putIfAbsent(key, ObjectBody.of(key.value().getBytes(StandardCharsets.UTF_8)), options)
                .orThrow();
    }

    /** A backup of now, hours into the day, of the WAL that comes. */
    CommitObject backup(BackupKind kind, int hour, Optional<CommitObject> parent) {
        CommitObject commit = commit(kind, hour, parent);
        stores().forEach(store -> Fixtures.store(commit, store));
        return commit;
    }

    CommitObject commit(BackupKind kind, int hour, Optional<CommitObject> parent) {
        Instant due = now.plus(Duration.ofHours(hour));
        RunId run = new RunId(name, BackupLabel.of(due, kind));
        AttemptId attempt =
                new AttemptId("%016x".formatted(run.label().value().hashCode() & 0xffffffffL));
        CommitObject one = Histories.commit(run, tier, attempt, due.plusSeconds(600), false);
        Lsn start = segment(day).start().plus(hour * 4096L + 40);
        return new CommitObject(
                one.format(),
                one.cluster(),
                one.systemIdentifier(),
                one.tier(),
                one.label(),
                one.attempt(),
                one.epoch(),
                one.startedAt(),
                one.completedAt(),
                timeline,
                start,
                start.plus(1000),
                parent.map(CommitObject::label),
                one.serverVersion(),
                one.walSegmentBytes(),
                false,
                one.gzipLevel(),
                one.codec(),
                one.keyId(),
                one.key(),
                one.manifest(),
                one.index(),
                one.archives(),
                one.files(),
                one.bytesIn(),
                one.damage(),
                one.settings());
    }

    void prove(CommitObject commit) {
        prove(commit, primary);
    }

    void prove(CommitObject commit, ObjectStore store) {
        ValidationPassed passed =
                new ValidationPassed(
                        commit.run(),
                        commit.attempt(),
                        new StoreName("primary"),
                        now,
                        now.plusSeconds(60),
                        4,
                        1000,
                        90);
        Projection.of(passed)
                .records()
                .byId()
                .values()
                .forEach(record -> Fixtures.storeRecord(record, store));
    }

    // What is there
    // ------------------------------------------------------------------------------------

    /** Without what every clean-up writes to see a store's clock. */
    static Set<String> keys(FakeObjectStore store) {
        return store.keys().stream()
                .map(ObjectKey::value)
                .filter(key -> !key.contains("/records/clocks/"))
                .collect(Collectors.toSet());
    }

    /** The labels that a reader lists: with a commit object, without a tombstone. */
    Set<BackupLabel> listed() {
        Set<BackupLabel> expired =
                stores().stream()
                        .flatMap(store -> store.list(Tombstone.prefix(ROOT)))
                        .flatMap(info -> Tombstone.label(ROOT, info.key()).stream())
                        .collect(Collectors.toSet());
        return stores().stream()
                .flatMap(store -> store.list(ROOT.backupsPrefix()))
                .flatMap(info -> BackupLayout.ofCommit(info.key()).stream())
                .map(BackupLayout::label)
                .filter(label -> !expired.contains(label))
                .collect(Collectors.toSet());
    }
}
