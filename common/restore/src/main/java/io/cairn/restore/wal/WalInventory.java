package io.cairn.restore.wal;

import io.cairn.model.Lsn;
import io.cairn.model.ObjectKey;
import io.cairn.model.Timeline;
import io.cairn.model.backup.ClusterRoot;
import io.cairn.model.error.CairnException;
import io.cairn.model.wal.LsnRange;
import io.cairn.model.wal.SegmentSize;
import io.cairn.model.wal.StoredWal;
import io.cairn.model.wal.WalLayout;
import io.cairn.model.wal.WalSegment;
import io.cairn.restore.backup.CopyProblem;
import io.cairn.storage.ObjectInfo;
import io.cairn.storage.ObjectStore;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * The WAL of a cluster in one or several stores, by listing them. What lies in several is one
 * object with several copies, so that a hole in one store is filled from another.
 *
 * @param timelines by their number
 * @param histories a timeline's history file, where one is stored
 * @param diverged objects in folders of their own, since others of the same name differ from them;
 *     never a part of {@code timelines}
 * @param problems stores that could not be listed
 */
public record WalInventory(
        ClusterRoot root,
        SegmentSize segmentSize,
        SortedMap<Timeline, TimelineWal> timelines,
        SortedMap<Timeline, WalObject> histories,
        List<ObjectKey> diverged,
        List<CopyProblem> problems) {

    /** History files have no place in the WAL. */
    private static final LsnRange NOWHERE = new LsnRange(new Lsn(0), new Lsn(1));

    /**
     * @param segmentSize of the cluster, as its backups say
     * @param stores in the order in which copies are preferred
     * @throws CairnException the first store's, if no store can be listed
     */
    public static WalInventory list(
            ClusterRoot root, SegmentSize segmentSize, List<ObjectStore> stores) {
        Listing listing = new Listing(new WalLayout(root), segmentSize);
        List<CopyProblem> problems = new ArrayList<>();
        for (ObjectStore store : stores) {
            try {
                listing.add(store);
            } catch (CairnException e) {
                problems.add(new CopyProblem(store.name(), e));
            }
        }
        if (!problems.isEmpty() && problems.size() == stores.size()) {
            throw problems.getFirst().cause();
        }
        return listing.inventory(root, problems);
    }

    /**
     * Whether any WAL of a cluster is in any of the stores that can be listed.
     *
     * @param roots the cluster's lives
     * @throws CairnException the first store's, if no store can be listed
     */
    public static boolean isStored(List<ClusterRoot> roots, List<ObjectStore> stores) {
        List<CairnException> problems = new ArrayList<>();
        for (ObjectStore store : stores) {
            try {
                if (isStored(roots, store)) {
                    return true;
                }
            } catch (CairnException e) {
                problems.add(e);
            }
        }
        if (!problems.isEmpty() && problems.size() == stores.size()) {
            throw problems.getFirst();
        }
        return false;
    }

    private static boolean isStored(List<ClusterRoot> roots, ObjectStore store) {
        return roots.stream()
                .map(WalLayout::new)
                .flatMap(layout -> Stream.of(layout.walPrefix(), layout.piecesPrefix()))
                .anyMatch(prefix -> !store.list(prefix, Optional.empty(), 1).objects().isEmpty());
    }

    /** Nothing, where a timeline is not stored. */
    public TimelineWal timeline(Timeline timeline) {
        return timelines.getOrDefault(timeline, TimelineWal.nothing(timeline));
    }

    private static final class Listing {

        private final WalLayout layout;
        private final SegmentSize size;
        private final Map<ObjectKey, WalObject> found = new LinkedHashMap<>();
        private final Map<ObjectKey, StoredWal> kinds = new LinkedHashMap<>();
        private final List<ObjectKey> diverged = new ArrayList<>();

        Listing(WalLayout layout, SegmentSize size) {
            this.layout = layout;
            this.size = size;
        }

        /** All of a store or nothing of it. */
        void add(ObjectStore store) {
            List<ObjectInfo> infos = new ArrayList<>();
            for (String prefix : List.of(layout.walPrefix(), layout.piecesPrefix())) {
                try (Stream<ObjectInfo> listed = store.list(prefix)) {
                    listed.forEach(infos::add);
                }
            }
            infos.forEach(info -> StoredWal.of(info.key()).ifPresent(wal -> add(wal, info, store)));
        }

        private void add(StoredWal wal, ObjectInfo info, ObjectStore store) {
            if (wal.divergence().isPresent()) {
                diverged.add(wal.key());
                return;
            }
            WalObject object =
                    new WalObject(
                            wal.key(), wal.timeline(), range(wal), info.length(), List.of(store));
            kinds.put(wal.key(), wal);
            found.merge(
                    wal.key(),
                    object,
                    (first, other) ->
                            new WalObject(
                                    first.key(),
                                    first.timeline(),
                                    first.range(),
                                    first.length(),
                                    Stream.concat(first.copies().stream(), other.copies().stream())
                                            .toList()));
        }

        private LsnRange range(StoredWal wal) {
            return switch (wal) {
                case StoredWal.Segment segment -> WalSegment.parse(segment.name(), size).range();
                case StoredWal.Partial partial -> WalSegment.parse(partial.name(), size).range();
                case StoredWal.Piece piece -> piece.range();
                case StoredWal.History _ -> NOWHERE;
            };
        }

        WalInventory inventory(ClusterRoot root, List<CopyProblem> problems) {
            SortedMap<Timeline, List<WalObject>> objects = new TreeMap<>();
            SortedMap<Timeline, List<WalObject>> partials = new TreeMap<>();
            SortedMap<Timeline, WalObject> histories = new TreeMap<>();
            found.forEach((key, object) -> {
                switch (kinds.get(key)) {
                    case StoredWal.History history -> histories.put(history.timeline(), object);
                    case StoredWal.Partial partial -> add(partials, partial, object);
                    case StoredWal.Segment segment -> add(objects, segment, object);
                    case StoredWal.Piece piece -> add(objects, piece, object);
                    case null -> throw CairnException.bug("no kind of " + key);
                }
            });
            SortedMap<Timeline, TimelineWal> timelines = new TreeMap<>();
            Stream.concat(objects.keySet().stream(), partials.keySet().stream())
                    .distinct()
                    .forEach(timeline ->
                            timelines.put(
                                    timeline,
                                    new TimelineWal(
                                            timeline,
                                            objects.getOrDefault(timeline, List.of()),
                                            partials.getOrDefault(timeline, List.of()))));
            return new WalInventory(
                    root,
                    size,
                    timelines,
                    histories,
                    diverged.stream().distinct().toList(),
                    List.copyOf(problems));
        }

        private static void add(
                SortedMap<Timeline, List<WalObject>> lists, StoredWal wal, WalObject object) {
            lists.computeIfAbsent(wal.timeline(), _ -> new ArrayList<>()).add(object);
        }
    }
}
