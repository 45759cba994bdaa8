package io.cairn.catalog.retention;

import io.cairn.catalog.backup.Copy;
import io.cairn.catalog.projection.Projection;
import io.cairn.catalog.rebuild.Parallel;
import io.cairn.catalog.retention.History.Fork;
import io.cairn.catalog.retention.History.PastBackup;
import io.cairn.catalog.retention.History.PastCopy;
import io.cairn.catalog.retention.History.PastTimeline;
import io.cairn.catalog.retention.History.PlacedHold;
import io.cairn.catalog.retention.StoredObjects.Placed;
import io.cairn.events.EventObject;
import io.cairn.model.AttemptId;
import io.cairn.model.BackupLabel;
import io.cairn.model.ObjectKey;
import io.cairn.model.StoreName;
import io.cairn.model.Timeline;
import io.cairn.model.backup.BackupLayout;
import io.cairn.model.backup.ClusterRoot;
import io.cairn.model.backup.CommitObject;
import io.cairn.model.error.CairnException;
import io.cairn.model.error.ErrorCode;
import io.cairn.model.policy.TierPolicy;
import io.cairn.model.record.LegalHold;
import io.cairn.model.record.Tombstone;
import io.cairn.model.wal.LsnRange;
import io.cairn.model.wal.SegmentSize;
import io.cairn.model.wal.StoredWal;
import io.cairn.model.wal.WalLayout;
import io.cairn.model.wal.WalSegment;
import io.cairn.storage.ObjectInfo;
import io.cairn.storage.ObjectStore;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** What the objects of all stores tell the planner. Reads commit objects and proofs; no key. */
final class HistoryReader {

    /** A commit object of a hundred thousand volumes takes 25 MB. */
    private static final int COMMIT_BYTES_MAX = 64 << 20;

    /** How long a copy that is not whole may still be on its way. */
    private static final Duration COPYING = Duration.ofDays(7);

    private static final Comparator<AttemptId> BY_VALUE = Comparator.comparing(AttemptId::toString);

    private static final Parallel PARALLEL = new Parallel(16);

    private final StoredObjects objects;
    private final ClusterRoot root;
    private final TierPolicy policy;
    private final KnownWork work;
    private final Instant now;
    private final SortedMap<BackupLabel, SortedMap<AttemptId, Found>> backups = new TreeMap<>();

    HistoryReader(StoredObjects objects, TierPolicy policy, KnownWork work, Instant now) {
        this.objects = objects;
        this.root = objects.root();
        this.policy = policy;
        this.work = work;
        this.now = now;
    }

    private record Found(CommitObject commit, Map<StoreName, PastCopy> copies) {}

    private record Read(StoreName store, CommitObject commit) {}

    /**
     * Empty where there is no backup, by which alone one could tell what its WAL is worth.
     *
     * @throws CairnException {@link ErrorCode#COMMIT_INVALID} and others if an object that decides
     *     cannot be read: nothing expires then
     */
    Optional<History> read() {
        Set<BackupLabel> expired = tombstones(objects);
        List<Placed> commits =
                objects.all(root.backupsPrefix())
                        .filter(placed ->
                                BackupLayout.ofAnyCommit(placed.info().key())
                                        .filter(layout -> !expired.contains(layout.label()))
                                        .isPresent())
                        .toList();
        PARALLEL.map(commits, this::commit).forEach(this::add);
        Optional<SegmentSize> size =
                backups.values().stream()
                        .flatMap(attempts -> attempts.values().stream())
                        .map(found -> SegmentSize.of(found.commit()))
                        .findFirst();
        return size.map(this::history);
    }

    /** The labels with a tombstone in any store. */
    static Set<BackupLabel> tombstones(StoredObjects objects) {
        return objects.keys(Tombstone.prefix(objects.root())).stream()
                .flatMap(key -> Tombstone.label(objects.root(), key).stream())
                .collect(Collectors.toCollection(TreeSet::new));
    }

    private Read commit(Placed placed) {
        ObjectStore store = objects.store(placed.store());
        ObjectKey key = placed.info().key();
        CommitObject commit =
                CommitObject.fromJson(
                        store.read(key, COMMIT_BYTES_MAX),
                        key + " in store '" + placed.store() + "'");
        BackupLayout there = BackupLayout.ofAnyCommit(key).orElseThrow();
        if (!commit.layout().equals(there)) {
            throw new CairnException(
                    ErrorCode.COMMIT_INVALID,
                    key + " in store '" + placed.store() + "' is that of " + commit.run(),
                    "somebody moved or renamed objects; nothing of "
                            + root.cluster()
                            + " expires until it is put right");
        }
        return new Read(placed.store(), commit);
    }

    private void add(Read read) {
        CommitObject commit = read.commit();
        Map<ObjectKey, Long> lengths = new HashMap<>();
        for (String prefix :
                List.of(
                        commit.layout().attemptPrefix(commit.attempt()),
                        commit.layout().wrapsPrefix(commit.attempt()))) {
            objects.in(read.store(), prefix)
                    .forEach(info -> lengths.put(info.key(), info.length()));
        }
        boolean complete = commit.missingParts(lengths).findAny().isEmpty();
        long bytes = lengths.values().stream().mapToLong(length -> length).sum();
        backups.computeIfAbsent(commit.label(), _ -> new TreeMap<>(BY_VALUE))
                .computeIfAbsent(commit.attempt(), _ -> new Found(commit, new HashMap<>()))
                .copies()
                .put(read.store(), new PastCopy(complete, bytes, Optional.empty()));
    }

    private History history(SegmentSize size) {
        Map<String, List<Copy>> proofs = proofs();
        Map<BackupLabel, Set<Reason.Work>> busy = work.busy(root.cluster());
        Leases leases = Leases.in(objects, now);
        List<PastBackup> past = new ArrayList<>();
        backups.forEach((label, attempts) ->
                attempts.forEach((attempt, found) ->
                        past.add(
                                past(
                                        found,
                                        proofs.getOrDefault(label + ":" + attempt, List.of()),
                                        busy.getOrDefault(label, Set.of()),
                                        leases.on(label)))));
        return new History(
                root,
                policy.tier(),
                now,
                objects.inhabited(),
                size,
                past,
                timelines(size),
                LegalHold.placed(root, objects.keys(LegalHold.prefix(root))).stream()
                        .map(hold -> new PlacedHold(hold.id(), hold.label()))
                        .toList(),
                leases.walFrom());
    }

    private PastBackup past(
            Found found, List<Copy> copies, Set<Reason.Work> busy, Set<Reason.Work> read) {
        CommitObject commit = found.commit();
        boolean refuted = copies.stream().anyMatch(copy -> copy.standingFailure().isPresent());
        Optional<Instant> proven =
                copies.stream().flatMap(copy -> provenAt(copy).stream()).max(Instant::compareTo);
        Set<Reason.Work> works = EnumSet.noneOf(Reason.Work.class);
        works.addAll(busy);
        works.addAll(read);
        if (isBeingCopied(found)) {
            works.add(Reason.Work.COPYING);
        }
        return new PastBackup(
                commit.label(),
                commit.attempt(),
                commit.parent(),
                commit.timeline(),
                commit.startLsn(),
                commit.stopLsn(),
                commit.completedAt(),
                commit.includesWal(),
                commit.damaged() || refuted,
                proven,
                found.copies(),
                works);
    }

    private static Optional<Instant> provenAt(Copy copy) {
        Optional<Instant> verified = copy.verification().passed().map(passed -> passed.at());
        Optional<Instant> drilled = copy.drill().passed().map(passed -> passed.at());
        return copy.standingFailure().isPresent()
                ? Optional.empty()
                : verified.flatMap(at -> drilled.map(at2 -> at.isAfter(at2) ? at : at2))
                        .or(() -> verified)
                        .or(() -> drilled);
    }

    private boolean isBeingCopied(Found found) {
        boolean whole =
                policy.run().copies().stream()
                        .allMatch(store -> {
                            PastCopy copy = found.copies().get(store);
                            return copy != null && copy.complete();
                        });
        return !whole && found.commit().completedAt().plus(COPYING).isAfter(now);
    }

    /** What was found out about copies, by label and attempt. */
    private Map<String, List<Copy>> proofs() {
        String prefix = root.recordsPrefix() + EventObject.VERIFICATIONS + "/";
        Map<ObjectKey, StoreName> once = new TreeMap<>();
        objects.all(prefix)
                .forEach(placed -> once.putIfAbsent(placed.info().key(), placed.store()));
        Map<String, Copy> joined = new TreeMap<>();
        PARALLEL
                .map(
                        List.copyOf(once.entrySet()),
                        entry -> copies(entry.getKey(), entry.getValue()))
                .stream()
                .flatMap(List::stream)
                .forEach(copy -> joined.merge(copy.id(), copy, Copy::join));
        return joined.values().stream()
                .collect(Collectors.groupingBy(copy -> copy.run().label() + ":" + copy.attempt()));
    }

    private List<Copy> copies(ObjectKey key, StoreName store) {
        byte[] json = objects.store(store).read(key, EventObject.BYTES_MAX);
        try {
            return List.copyOf(
                    Projection.of(EventObject.read(json, key, store)).copies().byId().values());
        } catch (CairnException e) {
            if (e.code() == ErrorCode.EVENT_UNREADABLE) {
                // A proof that cannot be read proves nothing, which keeps more.
                return List.of();
            }
            throw e;
        }
    }

    private SortedMap<Timeline, PastTimeline> timelines(SegmentSize size) {
        Map<Timeline, Fork> forks = work.forks(root);
        SortedMap<Timeline, Map<ObjectKey, Stored>> stored = new TreeMap<>();
        WalLayout layout = new WalLayout(root);
        for (String prefix : List.of(layout.walPrefix(), layout.piecesPrefix())) {
            objects.all(prefix)
                    .forEach(placed ->
                            stored(placed.info(), size)
                                    .ifPresent(one ->
                                            stored.computeIfAbsent(
                                                            one.timeline(), _ -> new HashMap<>())
                                                    .merge(
                                                            placed.info().key(),
                                                            one,
                                                            Stored::first)));
        }
        SortedMap<Timeline, PastTimeline> timelines = new TreeMap<>();
        stored.forEach((timeline, found) ->
                timelines.put(
                        timeline,
                        new PastTimeline(
                                timeline,
                                Optional.ofNullable(forks.get(timeline)),
                                LsnRange.merged(
                                        found.values().stream().map(Stored::range).toList()),
                                found.values().stream().map(Stored::at).max(Instant::compareTo))));
        return timelines;
    }

    private record Stored(Timeline timeline, LsnRange range, Instant at) {

        Stored first(Stored other) {
            return at.isBefore(other.at) ? this : other;
        }
    }

    private static Optional<Stored> stored(ObjectInfo info, SegmentSize size) {
        return StoredWal.of(info.key())
                .flatMap(wal ->
                        range(wal, size)
                                .map(range ->
                                        new Stored(wal.timeline(), range, info.lastModified())));
    }

    /** Of a history file none: it is always kept. So is what no segment of this size is called. */
    static Optional<LsnRange> range(StoredWal wal, SegmentSize size) {
        return switch (wal) {
            case StoredWal.Segment segment -> segment(segment.name(), size);
            case StoredWal.Partial partial -> segment(partial.name(), size);
            case StoredWal.Piece piece -> Optional.of(piece.range());
            case StoredWal.History _ -> Optional.empty();
        };
    }

    private static Optional<LsnRange> segment(String name, SegmentSize size) {
        try {
            return Optional.of(WalSegment.parse(name, size).range());
        } catch (CairnException _) {
            return Optional.empty();
        }
    }
}
