package io.cairn.catalog.hold;

import io.cairn.catalog.lock.NeededObjects;
import io.cairn.catalog.lock.NeededObjects.Visit;
import io.cairn.catalog.lock.NeededObjects.Visited;
import io.cairn.catalog.lock.NeededObjects.VisitedWal;
import io.cairn.catalog.lock.StoredCopy;
import io.cairn.catalog.lock.StoredWalRange;
import io.cairn.model.BackupKind;
import io.cairn.model.BackupLabel;
import io.cairn.model.Lsn;
import io.cairn.model.Timeline;
import io.cairn.model.backup.BackupLayout;
import io.cairn.model.backup.ClusterRoot;
import io.cairn.model.backup.CommitObject;
import io.cairn.model.wal.LsnRange;
import io.cairn.model.wal.SegmentSize;
import io.cairn.storage.ObjectStore;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What a hold on a backup covers: the backup, every one that it builds on, and the WAL from the
 * first's start to the last's stop.
 */
final class HeldObjects {

    private final NeededObjects objects;
    private final ClusterRoot root;
    private final List<ObjectStore> stores;

    /** By label, from the first on; without attempts where no store has the label. */
    private final SortedMap<BackupLabel, List<CommitObject>> chain = new TreeMap<>();

    /**
     * @param stores those that answer
     */
    HeldObjects(
            NeededObjects objects, ClusterRoot root, BackupLabel label, List<ObjectStore> stores) {
        this.objects = objects;
        this.root = root;
        this.stores = List.copyOf(stores);
        Deque<BackupLabel> left = new ArrayDeque<>(List.of(label));
        while (!left.isEmpty()) {
            BackupLabel next = left.pop();
            if (!chain.containsKey(next)) {
                chain.put(next, commits(next));
                chain.get(next).forEach(commit -> commit.parent().ifPresent(left::push));
            }
        }
    }

    private List<CommitObject> commits(BackupLabel label) {
        return stores.stream()
                .flatMap(store -> StoredCopy.all(store, layout(label)).stream())
                .map(StoredCopy::commit)
                .distinct()
                .toList();
    }

    private BackupLayout layout(BackupLabel label) {
        return new BackupLayout(root, label);
    }

    /** All of it that is in a store, and whether that is all. */
    Visited visit(ObjectStore store, Visit visit) {
        Visited visited = new Visited(List.of(), Optional.empty());
        for (BackupLabel label : chain.keySet()) {
            List<StoredCopy> copies = StoredCopy.all(store, layout(label));
            if (copies.isEmpty()) {
                visited = visited.and(lacking(label + " is not there"));
            }
            for (StoredCopy copy : copies) {
                visited = visited.and(objects.parts(copy, visit));
            }
        }
        return visited.and(wal(store, visit));
    }

    private static Visited lacking(String what) {
        return new Visited(List.of(), Optional.of(what));
    }

    private Visited wal(ObjectStore store, Visit visit) {
        List<CommitObject> all = chain.values().stream().flatMap(List::stream).toList();
        Optional<LsnRange> range = range(all);
        if (range.isEmpty()) {
            return new Visited(List.of(), Optional.empty());
        }
        CommitObject any = all.getFirst();
        List<Timeline> timelines = timelines(all);
        VisitedWal found = objects.wal(store, any, timelines, range.get(), visit);
        Visited visited = new Visited(found.objects(), Optional.empty());
        for (LsnRange needed : needed(all, timelines, range.get())) {
            if (!found.covered().covers(needed)) {
                visited = visited.and(lacking("WAL " + needed + " is not whole"));
            }
        }
        return visited;
    }

    private static Optional<LsnRange> range(List<CommitObject> all) {
        Optional<Lsn> first =
                all.stream().map(CommitObject::startLsn).min(Comparator.naturalOrder());
        Optional<Lsn> last = all.stream().map(CommitObject::stopLsn).max(Comparator.naturalOrder());
        return first.filter(start -> start.compareTo(last.orElseThrow()) < 0)
                .map(start -> new LsnRange(start, last.orElseThrow()));
    }

    private static List<Timeline> timelines(List<CommitObject> all) {
        List<Integer> ids = all.stream().map(commit -> commit.timeline().id()).sorted().toList();
        boolean log = all.stream().anyMatch(commit -> commit.kind() == BackupKind.LOG);
        return NeededObjects.timelines(log ? 1 : ids.getFirst(), ids.getLast());
    }

    /** What makes the backups consistent, and besides what any store has of the range. */
    private List<LsnRange> needed(
            List<CommitObject> all, List<Timeline> timelines, LsnRange range) {
        List<LsnRange> needed = new ArrayList<>();
        for (CommitObject commit : all) {
            if (!commit.includesWal() && commit.startLsn().compareTo(commit.stopLsn()) < 0) {
                needed.add(new LsnRange(commit.startLsn(), commit.stopLsn()));
            }
        }
        SegmentSize size = SegmentSize.of(all.getFirst());
        for (ObjectStore store : stores) {
            StoredWalRange.find(store, root, size, timelines, range).covered().stream()
                    .flatMap(covered -> within(covered, range).stream())
                    .forEach(needed::add);
        }
        return LsnRange.merged(needed);
    }

    private static Optional<LsnRange> within(LsnRange covered, LsnRange range) {
        Lsn start = max(covered.start(), range.start());
        Lsn end =
                max(covered.end(), range.end()).equals(covered.end()) ? range.end() : covered.end();
        return start.compareTo(end) < 0 ? Optional.of(new LsnRange(start, end)) : Optional.empty();
    }

    private static Lsn max(Lsn one, Lsn other) {
        return one.compareTo(other) >= 0 ? one : other;
    }
}
