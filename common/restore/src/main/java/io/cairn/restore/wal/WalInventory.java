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
import io.cairn.postgres.wal.TimelineHistory;
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

    /**
     * @param segmentSize of the cluster, as its backups say
     * @param stores in the order in which copies are preferred
     * @throws CairnException the first store's, if no store can be listed
     */
    public static WalInventory list(
            ClusterRoot root, SegmentSize segmentSize, List<ObjectStore> stores) {
        return list(root, segmentSize, stores, everything(root));
    }

    /**
     * All of one store, unless there are more objects than is worth the time: a store lists a
     * thousand at a time.
     *
     * @return empty if there are more than {@code objectsMax}
     */
    public static Optional<WalInventory> listAtMost(
            ClusterRoot root, SegmentSize segmentSize, ObjectStore store, long objectsMax) {
        Listing listing = new Listing(segmentSize);
        return listing.add(store, everything(root), objectsMax)
                ? Optional.of(listing.inventory(root, List.of()))
                : Optional.empty();
    }

    /**
     * Only from a position on, so that what is listed does not grow with what is kept.
     *
     * @param history whose timelines are looked at
     * @param from what ends before its segment is left out
     * @throws CairnException the first store's, if no store can be listed
     */
    public static WalInventory listFrom(
            ClusterRoot root,
            SegmentSize segmentSize,
            List<ObjectStore> stores,
            TimelineHistory history,
            Lsn from) {
        WalLayout layout = new WalLayout(root);
        List<Section> sections = new ArrayList<>();
        for (Timeline timeline : history.from(from)) {
            WalSegment first = WalSegment.containing(timeline, from, segmentSize);
            sections.add(
                    new Section(layout.walPrefix(timeline), Optional.of(layout.before(first))));
            sections.add(
                    new Section(
                            layout.piecesPrefix(timeline),
                            Optional.of(layout.beforePieces(first))));
        }
        return list(root, segmentSize, stores, sections);
    }

    /** A part of a store's keys. */
    private record Section(String prefix, Optional<ObjectKey> after) {}

    private static List<Section> everything(ClusterRoot root) {
        WalLayout layout = new WalLayout(root);
        return List.of(
                new Section(layout.walPrefix(), Optional.empty()),
                new Section(layout.piecesPrefix(), Optional.empty()));
    }

    private static WalInventory list(
            ClusterRoot root,
            SegmentSize segmentSize,
            List<ObjectStore> stores,
            List<Section> sections) {
        Listing listing = new Listing(segmentSize);
        List<CopyProblem> problems = new ArrayList<>();
        for (ObjectStore store : stores) {
            try {
                listing.add(store, sections);
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
                .anyMatch(prefix -> store.first(prefix, Optional.empty()).isPresent());
    }

    /** Nothing, where a timeline is not stored. */
    public TimelineWal timeline(Timeline timeline) {
        return timelines.getOrDefault(timeline, TimelineWal.nothing(timeline));
    }

    private static final class Listing {

        private final SegmentSize size;
        private final Map<ObjectKey, WalObject> found = new LinkedHashMap<>();
        private final Map<ObjectKey, StoredWal> kinds = new LinkedHashMap<>();
        private final List<ObjectKey> diverged = new ArrayList<>();

        Listing(SegmentSize size) {
            this.size = size;
        }

        /** All of a store or nothing of it. */
        void add(ObjectStore store, List<Section> sections) {
            add(store, sections, Long.MAX_VALUE - 1);
        }

        /** Returns whether there were no more objects than that; else nothing is added. */
        boolean add(ObjectStore store, List<Section> sections, long objectsMax) {
            List<ObjectInfo> infos = new ArrayList<>();
            for (Section section : sections) {
                try (Stream<ObjectInfo> listed = store.list(section.prefix(), section.after())) {
                    listed.limit(objectsMax + 1 - infos.size()).forEach(infos::add);
                }
                if (infos.size() > objectsMax) {
                    return false;
                }
            }
            infos.forEach(info -> StoredWal.of(info.key()).ifPresent(wal -> add(wal, info, store)));
            return true;
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
                case StoredWal.History _ -> WalObject.NOWHERE;
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
