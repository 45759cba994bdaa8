package io.cairn.executor.wal;

import io.cairn.model.Lsn;
import io.cairn.model.ObjectKey;
import io.cairn.model.Timeline;
import io.cairn.model.wal.LsnRange;
import io.cairn.model.wal.SegmentSize;
import io.cairn.model.wal.StoredWal;
import io.cairn.model.wal.WalFolder;
import io.cairn.model.wal.WalLayout;
import io.cairn.model.wal.WalSegment;
import io.cairn.postgres.wal.TimelineHistory;
import io.cairn.storage.ObjectStore;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;

/**
 * Which whole segments a store holds along the line of timelines that led to one, by listing. A
 * segment that a fork lies in belongs to the later timeline.
 *
 * <p>Where a timeline has diverged, its segments are those of the divergence that was written last,
 * and the timeline's own before that began.
 */
final class StoredSegments {

    private final ObjectStore store;
    private final WalLayout layout;
    private final TimelineHistory history;
    private final SegmentSize size;
    private final Map<Timeline, Folder> folders = new HashMap<>();

    /** One timeline's folder, and what it holds. */
    private record Folder(WalFolder folder, TreeSet<Long> segments, TreeSet<Long> partials) {}

    private StoredSegments(
            ObjectStore store, WalLayout layout, TimelineHistory history, SegmentSize size) {
        this.store = store;
        this.layout = layout;
        this.history = history;
        this.size = size;
    }

    /**
     * Lists what there is from segment {@code from} on.
     *
     * @param from a segment's number, 0 for all
     */
    static StoredSegments list(
            ObjectStore store,
            WalLayout layout,
            TimelineHistory history,
            SegmentSize size,
            long from) {
        StoredSegments segments = new StoredSegments(store, layout, history, size);
        for (Timeline timeline : timelines(history)) {
            if (segments.end(timeline).filter(end -> size.numberOf(end) < from).isEmpty()) {
                segments.folders.put(timeline, segments.read(timeline, from));
            }
        }
        return segments;
    }

    private static List<Timeline> timelines(TimelineHistory history) {
        List<Timeline> line = new ArrayList<>();
        history.forks().forEach(fork -> line.add(fork.timeline()));
        line.add(history.timeline());
        return line;
    }

    private Optional<Lsn> end(Timeline timeline) {
        return history.switchPoint(timeline);
    }

    private Folder read(Timeline timeline, long from) {
        WalFolder own = WalFolder.of(layout, timeline);
        Folder folder = read(own, from);
        Optional<WalFolder> diverged = newestDivergence(own);
        if (diverged.isEmpty()) {
            return folder;
        }
        Folder later = read(diverged.get(), 0);
        TreeSet<Long> all = new TreeSet<>(later.segments());
        all.addAll(
                later.segments().isEmpty()
                        ? folder.segments()
                        : folder.segments().headSet(later.segments().first()));
        return new Folder(diverged.get(), all, later.partials());
    }

    private Optional<WalFolder> newestDivergence(WalFolder own) {
        Newest newest = new Newest();
        for (String prefix : List.of(layout.walPrefix(), layout.piecesPrefix())) {
            store.list(prefix + own.timeline().hex() + "~")
                    .forEach(info ->
                            StoredWal.of(info.key())
                                    .flatMap(StoredWal::divergence)
                                    .ifPresent(id -> newest.see(id, info.lastModified())));
        }
        return newest.id.map(own::diverged);
    }

    private static final class Newest {
        private Optional<String> id = Optional.empty();
        private Instant at = Instant.MIN;

        void see(String seen, Instant modified) {
            if (modified.isAfter(at)) {
                id = Optional.of(seen);
                at = modified;
            }
        }
    }

    private Folder read(WalFolder folder, long from) {
        Folder found = new Folder(folder, new TreeSet<>(), new TreeSet<>());
        Optional<ObjectKey> after =
                from == 0
                        ? Optional.empty()
                        : Optional.of(
                                folder.partial(new WalSegment(folder.timeline(), from - 1, size)));
        store.list(folder.walPrefix(), after)
                .forEach(info -> StoredWal.of(info.key()).ifPresent(stored -> add(found, stored)));
        return found;
    }

    private void add(Folder folder, StoredWal stored) {
        switch (stored) {
            case StoredWal.Segment segment ->
                    folder.segments().add(WalSegment.parse(segment.name(), size).number());
            case StoredWal.Partial partial ->
                    folder.partials().add(WalSegment.parse(partial.name(), size).number());
            case StoredWal.History _, StoredWal.Piece _ -> {}
        }
    }

    /** Whether the whole segment is stored. */
    boolean holds(long number) {
        Timeline timeline = history.holding(start(number + 1).plus(-1));
        Folder folder = folders.get(timeline);
        return folder != null && folder.segments().contains(number);
    }

    /** Whether the old timeline's part of the segment that its fork lies in is stored. */
    boolean holdsPartial(Timeline timeline, long number) {
        Folder folder = folders.get(timeline);
        return folder != null && folder.partials().contains(number);
    }

    /** The first segment from {@code number} on that is not stored. */
    long firstMissing(long number) {
        long missing = number;
        while (holds(missing)) {
            missing++;
        }
        return missing;
    }

    /** The last stored segment before {@code number}, if any was listed. */
    Optional<Long> lastBefore(long number) {
        return folders.values().stream()
                .flatMap(folder ->
                        Optional.ofNullable(folder.segments().lower(number)).stream()
                                .filter(this::holds))
                .max(Long::compare);
    }

    /** What is missing between listed segments before {@code number}. */
    List<LsnRange> holesBefore(long number) {
        List<LsnRange> holes = new ArrayList<>();
        Optional<Long> before = Optional.empty();
        for (long next : held(number)) {
            if (before.isPresent() && before.get() + 1 < next) {
                holes.add(new LsnRange(start(before.get() + 1), start(next)));
            }
            before = Optional.of(next);
        }
        return holes;
    }

    private SortedSet<Long> held(long before) {
        TreeSet<Long> held = new TreeSet<>();
        folders.values().stream()
                .flatMap(folder -> folder.segments().headSet(before).stream())
                .filter(this::holds)
                .forEach(held::add);
        return held;
    }

    /** Where the timeline's WAL lies now. */
    WalFolder folder(Timeline timeline) {
        Folder folder = folders.get(timeline);
        return folder == null ? WalFolder.of(layout, timeline) : folder.folder();
    }

    Lsn start(long number) {
        return new Lsn(number * size.bytes());
    }
}
