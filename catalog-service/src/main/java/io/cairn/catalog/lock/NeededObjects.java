package io.cairn.catalog.lock;

import io.cairn.catalog.rebuild.Parallel;
import io.cairn.model.BackupKind;
import io.cairn.model.ObjectKey;
import io.cairn.model.Timeline;
import io.cairn.model.backup.ClusterRoot;
import io.cairn.model.backup.CommitObject;
import io.cairn.model.wal.LsnRange;
import io.cairn.model.wal.SegmentSize;
import io.cairn.storage.ObjectInfo;
import io.cairn.storage.ObjectStore;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * Goes over every object that a backup needs in a store, several at once. What is missing does not
 * keep the others from being reached; it is told.
 */
public final class NeededObjects {

    private final Parallel parallel;

    /**
     * @param parallel objects at once, 1 to 256
     */
    public NeededObjects(int parallel) {
        this.parallel = new Parallel(parallel);
    }

    /** What is done with an object. */
    public interface Visit {
        void visit(ObjectKey key);
    }

    /**
     * @param objects that were visited
     * @param lacks what is missing, for an operator; absent if all was there
     */
    public record Visited(List<ObjectKey> objects, Optional<String> lacks) {

        static final Visited NOTHING = new Visited(List.of(), Optional.empty());

        public Visited {
            objects = List.copyOf(objects);
        }

        public Visited and(Visited other) {
            List<ObjectKey> both = new ArrayList<>(objects);
            both.addAll(other.objects);
            return new Visited(both, lacks.or(other::lacks));
        }
    }

    /** A copy, and the WAL that makes it consistent. */
    Visited visit(ObjectStore store, StoredCopy copy, Visit visit) {
        return parts(copy, visit).and(ownWal(store, copy.commit(), visit));
    }

    /** A copy without its WAL. */
    public Visited parts(StoredCopy copy, Visit visit) {
        visitAll(copy.objects(), visit);
        return new Visited(
                copy.objects(),
                copy.missing().stream().findFirst().map(key -> key + " is missing"));
    }

    private Visited ownWal(ObjectStore store, CommitObject commit, Visit visit) {
        if (commit.includesWal() || commit.startLsn().compareTo(commit.stopLsn()) >= 0) {
            return Visited.NOTHING;
        }
        LsnRange range = new LsnRange(commit.startLsn(), commit.stopLsn());
        // A log backup continues the one before, which may have been taken on an older timeline.
        int oldest = commit.kind() == BackupKind.LOG ? 1 : commit.timeline().id();
        VisitedWal found =
                wal(store, commit, timelines(oldest, commit.timeline().id()), range, visit);
        return new Visited(
                found.objects(),
                found.covered().covers(range)
                        ? Optional.empty()
                        : Optional.of("WAL " + range + " is not whole"));
    }

    /** From one to another, both among them. */
    public static List<Timeline> timelines(int from, int to) {
        return IntStream.rangeClosed(from, to).mapToObj(Timeline::new).toList();
    }

    /**
     * @param covered what there is of the range
     */
    public record VisitedWal(List<ObjectKey> objects, StoredWalRange covered) {}

    /**
     * The WAL of a range, with the keys that open it and the histories of its timelines.
     *
     * @param commit of a backup of the cluster
     */
    public VisitedWal wal(
            ObjectStore store,
            CommitObject commit,
            Collection<Timeline> timelines,
            LsnRange range,
            Visit visit) {
        ClusterRoot root = commit.layout().root();
        SegmentSize size = SegmentSize.of(commit);
        StoredWalRange stored = StoredWalRange.find(store, root, size, timelines, range);
        visitAll(stored.objects(), visit);
        List<ObjectInfo> wal =
                parallel.map(stored.objects(), store::head).stream()
                        .flatMap(Optional::stream)
                        .toList();
        List<ObjectKey> opened = StoredWalRange.keys(store, root, wal, range.end());
        visitAll(opened, visit);
        List<ObjectKey> histories = StoredWalRange.histories(store, root, timelines);
        visitAll(histories, visit);
        List<ObjectKey> all = new ArrayList<>(stored.objects());
        all.addAll(opened);
        all.addAll(histories);
        return new VisitedWal(all, stored);
    }

    private void visitAll(List<ObjectKey> keys, Visit visit) {
        parallel.map(
                keys,
                key -> {
                    visit.visit(key);
                    return key;
                });
    }
}
