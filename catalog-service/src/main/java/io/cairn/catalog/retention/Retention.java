package io.cairn.catalog.retention;

import io.cairn.catalog.retention.CleanUp.Applied;
import io.cairn.catalog.retention.CleanUp.Held;
import io.cairn.catalog.retention.History.PastBackup;
import io.cairn.catalog.retention.History.PastCopy;
import io.cairn.catalog.retention.History.PlacedHold;
import io.cairn.catalog.retention.StoredObjects.Placed;
import io.cairn.events.BackupExpired;
import io.cairn.events.CairnEvent;
import io.cairn.events.RetentionHeld;
import io.cairn.events.WalExpired;
import io.cairn.model.AttemptId;
import io.cairn.model.BackupLabel;
import io.cairn.model.ClusterName;
import io.cairn.model.Json;
import io.cairn.model.ObjectKey;
import io.cairn.model.RunId;
import io.cairn.model.Sha256;
import io.cairn.model.StoreName;
import io.cairn.model.Timeline;
import io.cairn.model.backup.BackupLayout;
import io.cairn.model.backup.ClusterRoot;
import io.cairn.model.error.CairnException;
import io.cairn.model.error.ErrorCode;
import io.cairn.model.policy.TierPolicy;
import io.cairn.model.record.ExpiredWal;
import io.cairn.model.record.Tombstone;
import io.cairn.model.wal.LsnRange;
import io.cairn.model.wal.SegmentSize;
import io.cairn.model.wal.StoredWal;
import io.cairn.model.wal.WalLayout;
import io.cairn.model.wal.WalMetadata;
import io.cairn.model.wal.WalSegment;
import io.cairn.storage.ClusterRoots;
import io.cairn.storage.ObjectBody;
import io.cairn.storage.ObjectInfo;
import io.cairn.storage.ObjectStore;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.function.ToLongFunction;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Expires what a cluster's policy does not keep, in every store or in none: while one of them does
 * not answer, nothing is removed. Whatever interrupts it is finished by the next clean-up.
 * Blocking; one clean-up of a cluster at a time.
 */
public final class Retention {

    private final List<ObjectStore> stores;
    private final KnownWork work;
    private final RetentionGuards guards;
    private final InstantSource clock;
    private final Consumer<CairnEvent> events;
    private final RetentionPlanner planner = new RetentionPlanner();

    /**
     * @param stores every store there is
     * @param events is told what was done, before it can be forgotten
     */
    public Retention(
            Collection<ObjectStore> stores,
            KnownWork work,
            RetentionGuards guards,
            InstantSource clock,
            Consumer<CairnEvent> events) {
        this.stores = List.copyOf(stores);
        this.work = work;
        this.guards = guards;
        this.clock = clock;
        this.events = events;
    }

    /** A proposal with what it was made of. */
    private record Prepared(
            StoredObjects objects, Proposal proposal, SegmentSize segmentSize, Instant now) {}

    /**
     * What a clean-up would do, by the cluster's lives.
     *
     * @throws CairnException one of the {@code STORE_…} codes; {@link ErrorCode#COMMIT_INVALID} and
     *     others if something that decides cannot be read
     */
    public List<Proposal> propose(ClusterName cluster, TierPolicy policy) {
        return prepare(cluster, policy).stream().map(Prepared::proposal).toList();
    }

    /** What a plan of several lives is confirmed by. */
    public static Sha256 digest(Collection<Proposal> proposals) {
        return Sha256.of(
                Json.write(proposals.stream().map(each -> each.digest().hex()).sorted().toList()));
    }

    /**
     * Removes what the plans say, unless a guard holds them; what is held is told.
     *
     * @throws CairnException as {@link #propose}
     */
    public List<CleanUp> cleanUp(ClusterName cluster, TierPolicy policy) {
        return prepare(cluster, policy).stream()
                .map(prepared -> apply(prepared, policy, false))
                .toList();
    }

    /**
     * Removes what was shown and confirmed.
     *
     * @param confirmed digest of what was shown
     * @throws CairnException {@link ErrorCode#PLAN_CHANGED} if it is another plan by now; as {@link
     *     #propose}
     */
    public List<CleanUp> expire(ClusterName cluster, TierPolicy policy, Sha256 confirmed) {
        List<Prepared> prepared = prepare(cluster, policy);
        Sha256 now = digest(prepared.stream().map(Prepared::proposal).toList());
        if (!now.equals(confirmed)) {
            throw new CairnException(
                    ErrorCode.PLAN_CHANGED,
                    "what would expire of " + cluster + " is no longer what was shown",
                    "look at it again with: cairn expire " + cluster);
        }
        return prepared.stream().map(one -> apply(one, policy, true)).toList();
    }

    // Planning
    // ----------------------------------------------------------------------------------------

    private List<Prepared> prepare(ClusterName cluster, TierPolicy policy) {
        List<Prepared> all = new ArrayList<>();
        for (ClusterRoot root : roots(cluster)) {
            StoredObjects objects = StoredObjects.list(root, stores, policy.run().copies());
            prepare(objects, policy).ifPresent(all::add);
        }
        return List.copyOf(all);
    }

    /** A cluster's lives: more than one if it was created anew under its name. */
    private Set<ClusterRoot> roots(ClusterName cluster) {
        Set<ClusterRoot> roots = new HashSet<>();
        stores.forEach(store -> roots.addAll(ClusterRoots.of(cluster, store)));
        return roots;
    }

    private Optional<Prepared> prepare(StoredObjects objects, TierPolicy policy) {
        Instant now = clock.instant();
        return new HistoryReader(objects, policy, work, now)
                .read()
                .map(history -> {
                    RetentionPlan first = planner.plan(history, policy);
                    History locked = withLocks(history, first, objects);
                    RetentionPlan plan = planner.plan(locked, policy);
                    return new Prepared(
                            objects, proposal(plan, locked, objects), history.segmentSize(), now);
                });
    }

    /**
     * Only what would expire is asked for its locks, by its commit object, which is locked last.
     */
    private static History withLocks(History history, RetentionPlan plan, StoredObjects objects) {
        Set<BackupLabel> candidates = new HashSet<>(plan.expired());
        List<PlacedHold> holds = new ArrayList<>(history.holds());
        List<PastBackup> backups = new ArrayList<>();
        for (PastBackup backup : history.backups()) {
            Map<StoreName, PastCopy> copies = new HashMap<>(backup.copies());
            if (candidates.contains(backup.label())) {
                ObjectKey commit = new BackupLayout(history.root(), backup.label()).commit();
                for (StoreName store : backup.copies().keySet()) {
                    objects.store(store)
                            .head(commit)
                            .ifPresent(info -> {
                                copies.computeIfPresent(store, (_, copy) -> locked(copy, info));
                                if (info.legalHold()) {
                                    holds.add(new PlacedHold("in " + store, backup.label()));
                                }
                            });
                }
            }
            backups.add(
                    new PastBackup(
                            backup.label(),
                            backup.attempt(),
                            backup.parent(),
                            backup.timeline(),
                            backup.startLsn(),
                            backup.stopLsn(),
                            backup.completedAt(),
                            backup.includesWal(),
                            backup.refuted(),
                            backup.provenAt(),
                            copies,
                            backup.busy()));
        }
        return new History(
                history.root(),
                history.tier(),
                history.now(),
                history.stores(),
                history.segmentSize(),
                backups,
                history.timelines(),
                holds);
    }

    private static PastCopy locked(PastCopy copy, ObjectInfo info) {
        return new PastCopy(
                copy.complete(),
                copy.bytes(),
                info.retention().map(retention -> retention.until()));
    }

    private Proposal proposal(RetentionPlan plan, History history, StoredObjects objects) {
        SortedMap<BackupLabel, Long> bytes = new TreeMap<>();
        history.backups()
                .forEach(backup ->
                        bytes.merge(
                                backup.label(),
                                backup.copies().values().stream().mapToLong(PastCopy::bytes).sum(),
                                Long::sum));
        Proposal.Amount wal =
                unwanted(plan, history.segmentSize(), objects)
                        .reduce(
                                Proposal.Amount.NONE,
                                (sum, placed) -> sum.and(placed.info().length()),
                                (one, _) -> one);
        return new Proposal(
                plan,
                history.backups(),
                bytes,
                wal,
                orphans(history, objects),
                unfinished(objects),
                objects.names(),
                objects.bytes());
    }

    private static Stream<Placed> unwanted(
            RetentionPlan plan, SegmentSize size, StoredObjects objects) {
        WalLayout layout = new WalLayout(plan.root());
        ExpiredWal wanted = plan.record(plan.at(), plan.policy());
        return Stream.of(layout.walPrefix(), layout.piecesPrefix())
                .flatMap(objects::all)
                .filter(placed ->
                        StoredWal.of(placed.info().key())
                                .flatMap(wal ->
                                        HistoryReader.range(wal, size)
                                                .map(range -> !wanted.wants(wal.timeline(), range)))
                                .orElse(false));
    }

    private static List<BackupLabel> unfinished(StoredObjects objects) {
        Removal look = new Removal(objects);
        return HistoryReader.tombstones(objects).stream().filter(look::remains).toList();
    }

    private List<Orphan> orphans(History history, StoredObjects objects) {
        Set<BackupLabel> expired = HistoryReader.tombstones(objects);
        Set<BackupLabel> running = work.busy(history.root().cluster()).keySet();
        Set<Orphan> committed =
                history.backups().stream()
                        .map(backup -> new Orphan(backup.label(), backup.attempt()))
                        .collect(Collectors.toSet());
        Map<Orphan, Instant> written = new HashMap<>();
        objects.all(history.root().backupsPrefix())
                .forEach(placed ->
                        attempt(history.root(), placed.info().key())
                                .ifPresent(attempt ->
                                        written.merge(
                                                attempt,
                                                placed.info().lastModified(),
                                                (one, other) -> one.isAfter(other) ? one : other)));
        Instant old = history.now().minus(guards.orphanAge());
        return written.entrySet().stream()
                .filter(entry -> entry.getValue().isBefore(old))
                .map(Map.Entry::getKey)
                .filter(orphan ->
                        !committed.contains(orphan)
                                && !expired.contains(orphan.label())
                                && !running.contains(orphan.label()))
                .sorted(
                        Comparator.comparing(Orphan::label)
                                .thenComparing(orphan -> orphan.attempt().toString()))
                .toList();
    }

    /** The attempt that an object is a part of: {@code backups/<label>/<attempt>/…}. */
    private static Optional<Orphan> attempt(ClusterRoot root, ObjectKey key) {
        String[] parts = key.value().substring(root.backupsPrefix().length()).split("/");
        if (parts.length < 3) {
            return Optional.empty();
        }
        try {
            return Optional.of(new Orphan(new BackupLabel(parts[0]), new AttemptId(parts[1])));
        } catch (CairnException _) {
            return Optional.empty();
        }
    }

    // Removing
    // ----------------------------------------------------------------------------------------

    private CleanUp apply(Prepared prepared, TierPolicy policy, boolean confirmed) {
        Proposal proposal = prepared.proposal();
        StoredObjects objects = prepared.objects();
        Removal removal = new Removal(objects);
        Optional<Held> clockHeld = clockHeld(prepared);
        if (clockHeld.isPresent()) {
            return tell(clockHeld.get());
        }
        Set<BackupLabel> expired = new TreeSet<>();
        for (BackupLabel label : proposal.unfinished().reversed()) {
            finish(label, objects, removal);
            expired.add(label);
        }
        proposal.orphans().forEach(removal::orphan);
        Optional<Held> held = confirmed ? Optional.empty() : held(proposal, objects);
        if (held.isPresent()) {
            coveredPieces(prepared, policy, removal);
            return tell(held.get());
        }
        follow(proposal.plan().policy(), objects, removal);
        expired.addAll(backups(prepared, removal));
        wal(prepared, removal);
        coveredPieces(prepared, policy, removal);
        return new Applied(
                proposal,
                List.copyOf(expired),
                removal.deleted(),
                removal.bytes(),
                removal.retained());
    }

    private Held tell(Held held) {
        Proposal proposal = held.proposal();
        ClusterRoot root = proposal.plan().root();
        events.accept(
                new RetentionHeld(
                        root.cluster(),
                        root.systemIdentifier(),
                        proposal.digest(),
                        held.why(),
                        proposal.plan().expired().size(),
                        proposal.removedBytes(),
                        held.message(),
                        held.hint(),
                        clock.instant().truncatedTo(ChronoUnit.SECONDS)));
        return held;
    }

    /**
     * How old things are is told by this clock, and when they were written by the stores': both
     * must agree. Asked by writing, since nothing else shows a store's clock as it is now.
     */
    private Optional<Held> clockHeld(Prepared prepared) {
        StoredObjects objects = prepared.objects();
        ClusterRoot root = objects.root();
        for (ObjectStore store : objects.stores()) {
            ObjectKey key =
                    new ObjectKey(root.recordsPrefix() + "clocks/" + UUID.randomUUID() + ".json");
            Instant before = clock.instant();
            store.putIfAbsent(key, ObjectBody.of(Json.write(Map.of("at", before))));
            Instant written = store.head(key).map(ObjectInfo::lastModified).orElse(Instant.EPOCH);
            Duration apart = Duration.between(written, before).abs();
            if (apart.compareTo(guards.clockSkew()) > 0) {
                return Optional.of(
                        new Held(
                                prepared.proposal(),
                                "clock",
                                "nothing of %s expires: this clock and that of store '%s' are %s apart"
                                        .formatted(root.cluster(), store.name(), apart),
                                "set the clocks right; at most "
                                        + guards.clockSkew()
                                        + " is accepted"));
            }
        }
        return Optional.empty();
    }

    private Optional<Held> held(Proposal proposal, StoredObjects objects) {
        if (!proposal.removesSomething()) {
            return Optional.empty();
        }
        ClusterName cluster = proposal.plan().root().cluster();
        String hint =
                "look at it with: cairn expire %s; carry it out with: cairn expire %s --confirm"
                        .formatted(cluster, cluster);
        boolean changed =
                FollowedPolicy.last(objects)
                        .filter(last -> !last.policy().equals(proposal.plan().policy()))
                        .isPresent();
        if (changed) {
            return Optional.of(
                    new Held(
                            proposal,
                            "policy",
                            "the policy of %s has changed, and %d backups of %s would expire"
                                    .formatted(
                                            proposal.plan().tier(),
                                            proposal.plan().expired().size(),
                                            cluster),
                            hint));
        }
        return exceedsShare(proposal)
                ? Optional.of(
                        new Held(
                                proposal,
                                "share",
                                "%d of %d backups and %d of %d bytes of %s would be removed at once"
                                        .formatted(
                                                proposal.plan().expired().size(),
                                                proposal.plan().decisions().size(),
                                                proposal.removedBytes(),
                                                proposal.totalBytes(),
                                                cluster),
                                hint))
                : Optional.empty();
    }

    /** More than the share, and more than what a day brings. */
    private boolean exceedsShare(Proposal proposal) {
        int removed = proposal.plan().expired().size();
        long ofDay = ofADay(proposal, _ -> 1);
        long bytesOfDay = ofADay(proposal, label -> proposal.bytes().getOrDefault(label, 0L));
        return removed > Math.max(ofDay, guards.share() * proposal.plan().decisions().size())
                || proposal.removedBytes()
                        > Math.max(bytesOfDay, guards.share() * proposal.totalBytes());
    }

    private static long ofADay(Proposal proposal, ToLongFunction<BackupLabel> amount) {
        return proposal.plan().decisions().keySet().stream()
                .collect(
                        Collectors.groupingBy(
                                label -> label.due().truncatedTo(ChronoUnit.DAYS),
                                Collectors.summingLong(amount)))
                .values()
                .stream()
                .max(Long::compare)
                .orElse(0L);
    }

    private void follow(Sha256 policy, StoredObjects objects, Removal removal) {
        Optional<FollowedPolicy> last = FollowedPolicy.last(objects);
        FollowedPolicy followed =
                last.filter(before -> before.policy().equals(policy))
                        .orElseGet(() -> FollowedPolicy.from(clock.instant(), policy, last));
        ObjectKey key = followed.key(objects.root());
        if (!objects.names().stream().allMatch(store -> objects.has(store, key))) {
            removal.record(key, followed.toJson());
        }
    }

    /** Newest first, so that no backup is left without what it builds on. */
    private List<BackupLabel> backups(Prepared prepared, Removal removal) {
        RetentionPlan plan = prepared.proposal().plan();
        Sha256 digest = plan.digest();
        List<BackupLabel> newestFirst = plan.expired().reversed();
        for (BackupLabel label : newestFirst) {
            Tombstone tombstone =
                    new Tombstone(
                            label,
                            prepared.now(),
                            "older than its retention, and nothing needs it",
                            digest);
            removal.record(tombstone.key(plan.root()), tombstone.toJson());
            expired(tombstone, prepared.objects());
        }
        newestFirst.forEach(removal::backup);
        return plan.expired();
    }

    /** Told before anything is deleted: as long as something remains it is told again. */
    private void expired(Tombstone tombstone, StoredObjects objects) {
        ClusterRoot root = objects.root();
        events.accept(
                new BackupExpired(
                        new RunId(root.cluster(), tombstone.label()),
                        root.systemIdentifier(),
                        tombstone.expiredAt(),
                        tombstone.plan(),
                        objects.names().stream().sorted().toList()));
    }

    private void finish(BackupLabel label, StoredObjects objects, Removal removal) {
        ObjectKey key = Tombstone.key(objects.root(), label);
        Placed placed = objects.all(key.value()).findFirst().orElseThrow();
        byte[] json = objects.store(placed.store()).read(key, Tombstone.BYTES_MAX);
        Tombstone tombstone = Tombstone.fromJson(json, key + " in store '" + placed.store() + "'");
        removal.record(key, json);
        expired(tombstone, objects);
        removal.backup(label);
    }

    private void wal(Prepared prepared, Removal removal) {
        RetentionPlan plan = prepared.proposal().plan();
        StoredObjects objects = prepared.objects();
        List<Placed> unwanted = unwanted(plan, prepared.segmentSize(), objects).toList();
        if (unwanted.isEmpty()) {
            return;
        }
        ExpiredWal record = plan.record(recordTime(objects, prepared.now()), plan.digest());
        removal.record(record.key(plan.root()), record.toJson());
        long objectsBefore = removal.deleted();
        long bytesBefore = removal.bytes();
        unwanted.forEach(removal::delete);
        walKeys(prepared, removal);
        events.accept(
                new WalExpired(
                        plan.root().cluster(),
                        plan.root().systemIdentifier(),
                        record.at(),
                        plan.digest(),
                        objects.names().stream().sorted().toList(),
                        removal.deleted() - objectsBefore,
                        removal.bytes() - bytesBefore));
    }

    /** Behind the newest record, should a clock have been wrong when that was written. */
    private static Instant recordTime(StoredObjects objects, Instant now) {
        return ExpiredWal.newest(objects.root(), objects.keys(ExpiredWal.prefix(objects.root())))
                .map(key -> ExpiredWal.at(objects.root(), key).plusSeconds(1))
                .filter(next -> next.isAfter(now))
                .orElse(now);
    }

    /**
     * The keys of a timeline of which nothing is stored any more, in any folder or store, and that
     * is not the newest: a session's key comes before its first object.
     */
    private void walKeys(Prepared prepared, Removal removal) {
        StoredObjects objects = prepared.objects();
        WalLayout layout = new WalLayout(objects.root());
        Set<Timeline> left =
                Stream.of(layout.walPrefix(), layout.piecesPrefix())
                        .flatMap(objects::all)
                        .flatMap(placed -> StoredWal.of(placed.info().key()).stream())
                        .map(StoredWal::timeline)
                        .collect(Collectors.toSet());
        Instant old = prepared.now().minus(guards.orphanAge());
        for (ExpiredWal.Kept timeline : prepared.proposal().plan().wal()) {
            boolean newest =
                    prepared.proposal().plan().wal().stream()
                            .noneMatch(
                                    other -> other.timeline().compareTo(timeline.timeline()) > 0);
            if (!newest && timeline.wanted().isEmpty() && !left.contains(timeline.timeline())) {
                removal.delete(
                        layout.keysPrefix() + timeline.timeline().hex() + "/",
                        info -> info.lastModified().isBefore(old));
            }
        }
    }

    /** Pieces whose bytes lie in a whole segment, the same one, in every store of the policy. */
    private void coveredPieces(Prepared prepared, TierPolicy policy, Removal removal) {
        StoredObjects objects = prepared.objects();
        WalLayout layout = new WalLayout(objects.root());
        Instant old = prepared.now().minus(guards.pieceAge());
        Map<ObjectKey, Boolean> whole = new HashMap<>();
        List<Placed> covered =
                objects.all(layout.piecesPrefix())
                        .filter(placed -> placed.info().lastModified().isBefore(old))
                        .filter(placed ->
                                coveredBy(placed, prepared.segmentSize(), layout)
                                        .filter(segment ->
                                                whole.computeIfAbsent(
                                                        segment,
                                                        key -> isWhole(key, policy, objects)))
                                        .isPresent())
                        .toList();
        covered.forEach(removal::delete);
    }

    /** The segment in the same folder that a piece lies in, wholly. */
    private static Optional<ObjectKey> coveredBy(
            Placed placed, SegmentSize size, WalLayout layout) {
        if (!(StoredWal.of(placed.info().key()).orElse(null) instanceof StoredWal.Piece piece)) {
            return Optional.empty();
        }
        LsnRange range = piece.range();
        WalSegment segment = WalSegment.containing(piece.timeline(), range.start(), size);
        if (range.end().compareTo(segment.end()) > 0) {
            return Optional.empty();
        }
        String folder =
                piece.timeline().hex() + piece.divergence().map("~"::concat).orElse("") + "/";
        return Optional.of(
                new ObjectKey(layout.walPrefix() + folder + segment.name() + WalLayout.SEALED));
    }

    private static boolean isWhole(ObjectKey segment, TierPolicy policy, StoredObjects objects) {
        Set<Optional<Sha256>> digests = new HashSet<>();
        for (StoreName store : policy.run().copies()) {
            if (!objects.has(store, segment)) {
                return false;
            }
            digests.add(
                    objects.store(store)
                            .head(segment)
                            .flatMap(info -> WalMetadata.plainSha256(info.metadata())));
        }
        return digests.size() == 1 && digests.iterator().next().isPresent();
    }
}
