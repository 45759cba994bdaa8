package io.cairn.restore.wal;

import io.cairn.model.Lsn;
import io.cairn.model.Timeline;
import io.cairn.model.wal.LsnRange;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/** What is stored of one timeline's WAL. Immutable. */
public final class TimelineWal {

    private static final Comparator<WalObject> BY_START =
            Comparator.comparing((WalObject object) -> object.range().start())
                    .thenComparing(object -> object.range().end(), Comparator.reverseOrder());

    private final Timeline timeline;
    private final List<WalObject> objects;
    private final List<WalObject> partials;
    private final List<LsnRange> ranges;
    private final long longest;

    /**
     * @param objects segments and pieces, in any order
     * @param partials last segments before a fork. Their names do not say where they end: {@link
     *     #leftAt} does
     */
    TimelineWal(Timeline timeline, List<WalObject> objects, List<WalObject> partials) {
        this.timeline = timeline;
        this.objects = objects.stream().sorted(BY_START).toList();
        this.partials = List.copyOf(partials);
        this.ranges = LsnRange.merged(objects.stream().map(WalObject::range).toList());
        this.longest = objects.stream().mapToLong(object -> object.range().bytes()).max().orElse(0);
    }

    static TimelineWal nothing(Timeline timeline) {
        return new TimelineWal(timeline, List.of(), List.of());
    }

    public Timeline timeline() {
        return timeline;
    }

    /** As seen by a timeline that forks off here: with the partial segment that ends there. */
    public TimelineWal leftAt(Lsn fork) {
        List<WalObject> all = new ArrayList<>(objects);
        partials.stream()
                .filter(partial ->
                        partial.range().contains(fork) && !partial.range().start().equals(fork))
                .map(partial -> partial.within(new LsnRange(partial.range().start(), fork)))
                .forEach(all::add);
        return new TimelineWal(timeline, all, List.of());
    }

    TimelineWal with(List<WalObject> more) {
        List<WalObject> all = new ArrayList<>(objects);
        all.addAll(more);
        return new TimelineWal(timeline, all, partials);
    }

    /** The stored WAL without holes, from low to high; between two of them there is a gap. */
    public List<LsnRange> ranges() {
        return ranges;
    }

    /** What is missing between the stored ranges. */
    public List<LsnRange> gaps() {
        List<LsnRange> gaps = new ArrayList<>();
        for (int i = 1; i < ranges.size(); i++) {
            gaps.add(new LsnRange(ranges.get(i - 1).end(), ranges.get(i).start()));
        }
        return List.copyOf(gaps);
    }

    /** How far the WAL is stored without a hole from {@code start} on; {@code start} if nowhere. */
    public Lsn storedFrom(Lsn start) {
        return LsnRange.coveredFrom(start, ranges);
    }

    /**
     * The objects that together hold every byte of {@code wanted}, in order, as few as possible;
     * empty if a byte is missing.
     */
    public Optional<List<WalObject>> covering(LsnRange wanted) {
        List<WalObject> chosen = new ArrayList<>();
        Lsn at = wanted.start();
        while (at.compareTo(wanted.end()) < 0) {
            Optional<WalObject> furthest = furthestFrom(at);
            if (furthest.isEmpty()) {
                return Optional.empty();
            }
            chosen.add(furthest.get());
            at = furthest.get().range().end();
        }
        return Optional.of(chosen);
    }

    private Optional<WalObject> furthestFrom(Lsn position) {
        Optional<WalObject> furthest = Optional.empty();
        for (int i = firstThatMayHold(position);
                i < objects.size() && objects.get(i).range().start().compareTo(position) <= 0;
                i++) {
            WalObject object = objects.get(i);
            if (object.range().contains(position)
                    && furthest.filter(
                                    best -> best.range().end().compareTo(object.range().end()) >= 0)
                            .isEmpty()) {
                furthest = Optional.of(object);
            }
        }
        return furthest;
    }

    /** Nothing before it is long enough to reach the position. */
    private int firstThatMayHold(Lsn position) {
        int low = 0;
        int high = objects.size();
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (position.minus(objects.get(middle).range().start()) > longest) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return low;
    }

    /** The objects that end at {@code end}: they know up to when everything is stored. */
    public List<WalObject> endingAt(Lsn end) {
        return objects.stream().filter(object -> object.range().end().equals(end)).toList();
    }
}
