package io.cairn.restore.wal;

import io.cairn.model.Lsn;
import io.cairn.model.Timeline;
import io.cairn.model.wal.LsnRange;
import io.cairn.model.wal.SegmentSize;
import io.cairn.model.wal.WalSegment;
import io.cairn.postgres.wal.TimelineHistory;
import io.cairn.postgres.wal.TimelineHistory.Fork;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The stored WAL along a timeline and those it comes from: what a server replays that recovers to
 * it. Immutable.
 */
public final class WalPath {

    /**
     * The part of the path that is on one timeline.
     *
     * @param end the fork at which it is left; absent for the last timeline
     */
    public record Leg(Timeline timeline, Lsn start, Optional<Lsn> end, TimelineWal wal) {

        boolean contains(Lsn position) {
            return start.compareTo(position) <= 0
                    && end.filter(fork -> fork.compareTo(position) <= 0).isEmpty();
        }
    }

    /**
     * Some bytes of a stored object.
     *
     * @param object holds at least {@code range}
     */
    public record Part(WalObject object, LsnRange range) {}

    private static final Lsn BEGINNING = new Lsn(0);

    private final SegmentSize size;
    private final List<Leg> legs;

    private WalPath(SegmentSize size, List<Leg> legs) {
        this.size = size;
        this.legs = List.copyOf(legs);
    }

    /** The path to the end of a timeline. */
    public static WalPath along(TimelineHistory history, WalInventory inventory) {
        List<Leg> legs = new ArrayList<>();
        Lsn start = BEGINNING;
        for (int i = 0; i < history.forks().size(); i++) {
            Fork fork = history.forks().get(i);
            legs.add(
                    new Leg(
                            fork.timeline(),
                            start,
                            Optional.of(fork.switchPoint()),
                            until(fork, history, i, inventory)));
            start = fork.switchPoint();
        }
        legs.add(
                new Leg(
                        history.timeline(),
                        start,
                        Optional.empty(),
                        inventory.timeline(history.timeline())));
        return new WalPath(inventory.segmentSize(), legs);
    }

    /**
     * A timeline up to the fork. The segment in which it was left is begun by a copy on the next
     * timeline, which is as good.
     */
    private static TimelineWal until(
            Fork fork, TimelineHistory history, int number, WalInventory inventory) {
        Timeline next =
                number + 1 < history.forks().size()
                        ? history.forks().get(number + 1).timeline()
                        : history.timeline();
        List<WalObject> copies =
                inventory.timeline(next).covering(before(fork.switchPoint(), inventory)).stream()
                        .flatMap(List::stream)
                        .map(copy ->
                                copy.range().end().compareTo(fork.switchPoint()) <= 0
                                        ? copy
                                        : copy.within(
                                                new LsnRange(
                                                        copy.range().start(), fork.switchPoint())))
                        .toList();
        return inventory.timeline(fork.timeline()).leftAt(fork.switchPoint()).with(copies);
    }

    /** The bytes of the fork's segment before it; of one byte where the fork is on a boundary. */
    private static LsnRange before(Lsn fork, WalInventory inventory) {
        return new LsnRange(inventory.segmentSize().startOf(fork.plus(-1)), fork);
    }

    public List<Leg> legs() {
        return legs;
    }

    /** Where a timeline is left; empty for the last one, and for one that is not on the path. */
    public Optional<Lsn> left(Timeline timeline) {
        return legs.stream()
                .filter(leg -> leg.timeline().equals(timeline))
                .flatMap(leg -> leg.end().stream())
                .findFirst();
    }

    /** The timeline it ends on. */
    public Timeline timeline() {
        return legs.getLast().timeline();
    }

    /** Whether a position that was reached on a timeline lies on this path. */
    public boolean passes(Timeline timeline, Lsn position) {
        return legs.stream()
                .anyMatch(leg ->
                        leg.timeline().equals(timeline)
                                && (leg.contains(position)
                                        || leg.end().filter(position::equals).isPresent()));
    }

    /**
     * How far everything is stored without a hole from {@code start} on; {@code start} if nowhere.
     */
    public Lsn storedFrom(Lsn start) {
        Lsn at = start;
        for (Leg leg : legs) {
            if (leg.contains(at)) {
                Lsn stored = leg.wal().storedFrom(at);
                if (leg.end().isEmpty() || stored.compareTo(leg.end().get()) < 0) {
                    return stored;
                }
                at = leg.end().get();
            }
        }
        return at;
    }

    /** The first position behind {@code hole} from which on something is stored again. */
    public Optional<Lsn> storedAgainAfter(Lsn hole) {
        return legs.stream()
                .flatMap(leg ->
                        leg.wal().ranges().stream()
                                .map(range -> later(range.start(), leg.start()))
                                .filter(leg::contains))
                .filter(start -> start.compareTo(hole) > 0)
                .min(Lsn::compareTo);
    }

    private static Lsn later(Lsn one, Lsn other) {
        return one.compareTo(other) >= 0 ? one : other;
    }

    private static Lsn earlier(Lsn one, Lsn other) {
        return one.compareTo(other) <= 0 ? one : other;
    }

    /**
     * The file that a server on this path opens for a segment: of the newest timeline that has
     * begun there.
     */
    public WalSegment file(long number) {
        Timeline timeline =
                legs.stream()
                        .filter(leg -> size.numberOf(leg.start()) <= number)
                        .reduce((_, later) -> later)
                        .orElse(legs.getFirst())
                        .timeline();
        return new WalSegment(timeline, number, size);
    }

    /** The objects that hold {@code wanted}, in order; empty if a byte is missing. */
    public Optional<List<Part>> parts(LsnRange wanted) {
        List<Part> parts = new ArrayList<>();
        for (Leg leg : legs) {
            Lsn start = later(wanted.start(), leg.start());
            Lsn end = leg.end().map(fork -> earlier(fork, wanted.end())).orElse(wanted.end());
            if (start.compareTo(end) < 0) {
                Optional<List<WalObject>> objects = leg.wal().covering(new LsnRange(start, end));
                if (objects.isEmpty()) {
                    return Optional.empty();
                }
                parts.addAll(cut(objects.get(), start, end));
            }
        }
        return Optional.of(parts);
    }

    /** Objects overlap; each byte is taken once. */
    private static List<Part> cut(List<WalObject> objects, Lsn start, Lsn end) {
        List<Part> parts = new ArrayList<>();
        Lsn at = start;
        for (WalObject object : objects) {
            Lsn until = earlier(object.range().end(), end);
            parts.add(new Part(object, new LsnRange(at, until)));
            at = until;
        }
        return parts;
    }

    /** Objects that know up to when everything is stored that ends at {@code end}. */
    public List<WalObject> endingAt(Lsn end) {
        return legs.stream().flatMap(leg -> leg.wal().endingAt(end).stream()).toList();
    }

    /** Stored bytes of the objects that hold {@code wanted}. */
    public long bytesToFetch(LsnRange wanted) {
        return parts(wanted).stream()
                .flatMap(List::stream)
                .map(Part::object)
                .distinct()
                .mapToLong(WalObject::length)
                .sum();
    }
}
