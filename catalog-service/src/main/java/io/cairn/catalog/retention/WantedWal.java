package io.cairn.catalog.retention;

import io.cairn.model.Lsn;
import io.cairn.model.Timeline;
import io.cairn.model.record.ExpiredWal;
import io.cairn.model.record.ExpiredWal.Wanted;
import io.cairn.model.wal.SegmentSize;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/** The WAL that is needed, by whole segments, as it is gathered. Not thread-safe. */
final class WantedWal {

    private static final Lsn BEGINNING = new Lsn(0);

    private final SegmentSize size;
    private final SortedMap<Timeline, List<Wanted>> wanted = new TreeMap<>();

    WantedWal(SegmentSize size, Collection<Timeline> timelines) {
        this.size = size;
        timelines.forEach(timeline -> wanted.put(timeline, new ArrayList<>()));
    }

    void all(Timeline timeline) {
        from(timeline, BEGINNING);
    }

    void from(Timeline timeline, Lsn start) {
        add(timeline, new Wanted(size.startOf(start), Optional.empty()));
    }

    /** What lies between two positions, if anything. */
    void between(Timeline timeline, Lsn start, Lsn end) {
        if (start.compareTo(end) < 0) {
            Lsn last = size.startOf(end.plus(-1)).plus(size.bytes());
            add(timeline, new Wanted(size.startOf(start), Optional.of(last)));
        }
    }

    private void add(Timeline timeline, Wanted range) {
        wanted.computeIfAbsent(timeline, _ -> new ArrayList<>()).add(range);
    }

    /** Merged, by timeline. */
    List<ExpiredWal.Kept> kept() {
        List<ExpiredWal.Kept> kept = new ArrayList<>();
        wanted.forEach(
                (timeline, ranges) -> kept.add(new ExpiredWal.Kept(timeline, merged(ranges))));
        return List.copyOf(kept);
    }

    /** Ranges that overlap or touch become one. */
    static List<Wanted> merged(List<Wanted> ranges) {
        List<Wanted> merged = new ArrayList<>();
        for (Wanted next : ranges.stream().sorted(Comparator.comparing(Wanted::from)).toList()) {
            if (merged.isEmpty() || isApart(merged.getLast(), next)) {
                merged.add(next);
            } else {
                Wanted last = merged.removeLast();
                merged.add(new Wanted(last.from(), later(last.to(), next.to())));
            }
        }
        return List.copyOf(merged);
    }

    private static boolean isApart(Wanted earlier, Wanted next) {
        return earlier.to().filter(end -> end.compareTo(next.from()) < 0).isPresent();
    }

    private static Optional<Lsn> later(Optional<Lsn> one, Optional<Lsn> other) {
        return one.flatMap(end -> other.map(end2 -> end.compareTo(end2) >= 0 ? end : end2));
    }
}
