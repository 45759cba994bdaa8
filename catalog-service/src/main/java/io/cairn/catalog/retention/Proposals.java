package io.cairn.catalog.retention;

import io.cairn.catalog.retention.History.PastBackup;
import io.cairn.catalog.retention.History.PastCopy;
import io.cairn.catalog.retention.History.PlacedHold;
import io.cairn.catalog.retention.StoredObjects.Placed;
import io.cairn.model.AttemptId;
import io.cairn.model.BackupLabel;
import io.cairn.model.ClusterName;
import io.cairn.model.ObjectKey;
import io.cairn.model.StoreName;
import io.cairn.model.backup.BackupLayout;
import io.cairn.model.backup.ClusterRoot;
import io.cairn.model.error.CairnException;
import io.cairn.model.policy.TierPolicy;
import io.cairn.model.record.ExpiredWal;
import io.cairn.model.wal.SegmentSize;
import io.cairn.model.wal.StoredWal;
import io.cairn.model.wal.WalLayout;
import io.cairn.storage.ClusterRoots;
import io.cairn.storage.ObjectInfo;
import io.cairn.storage.ObjectStore;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Makes, of what all stores hold of a cluster, proposals what of it expires. Writes nothing. */
final class Proposals {

    private final List<ObjectStore> stores;
    private final KnownWork work;
    private final Duration orphanAge;
    private final InstantSource clock;
    private final RetentionPlanner planner = new RetentionPlanner();

    /**
     * @param stores every store there is
     * @param orphanAge how long nothing was written to an attempt before it is taken for given up
     */
    Proposals(List<ObjectStore> stores, KnownWork work, Duration orphanAge, InstantSource clock) {
        this.stores = stores;
        this.work = work;
        this.orphanAge = orphanAge;
        this.clock = clock;
    }

    /** A proposal with what it was made of. */
    record Prepared(
            StoredObjects objects, Proposal proposal, SegmentSize segmentSize, Instant now) {}

    /**
     * One for each of the cluster's lives.
     *
     * @throws CairnException as {@link Retention#propose}
     */
    List<Prepared> of(ClusterName cluster, TierPolicy policy) {
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
                holds,
                history.walReadFrom());
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

    /** The stored WAL that a plan does not keep. */
    static Stream<Placed> unwanted(RetentionPlan plan, SegmentSize size, StoredObjects objects) {
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
        Instant old = history.now().minus(orphanAge);
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
}
