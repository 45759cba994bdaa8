package io.cairn.catalog.wal;

import io.cairn.catalog.fact.Join;
import io.cairn.model.Lsn;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Stored WAL without a hole.
 *
 * @param end not before {@code start}; the same for a stream that has received nothing yet
 * @param recoverableUntil everything that was committed until then lies before {@code end}; absent
 *     while the stream is behind its server
 * @param synchronousAt when the server was last seen to let commits wait for the stream
 */
public record ArchivedRange(
        Lsn start, Lsn end, Optional<Instant> recoverableUntil, Optional<Instant> synchronousAt) {

    private static final Comparator<ArchivedRange> BY_START =
            Comparator.comparing(ArchivedRange::start).thenComparing(ArchivedRange::end);

    public ArchivedRange {
        if (start.compareTo(end) > 0) {
            throw new IllegalArgumentException("WAL from " + start + " to " + end);
        }
        recoverableUntil = recoverableUntil.map(Join::micros);
        synchronousAt = synchronousAt.map(Join::micros);
    }

    /** Of WAL that no commit waits for. */
    public ArchivedRange(Lsn start, Lsn end, Optional<Instant> recoverableUntil) {
        this(start, end, recoverableUntil, Optional.empty());
    }

    /** Whether one can go on from {@code position} in it, at its very end as well. */
    public boolean reaches(Lsn position) {
        return start.compareTo(position) <= 0 && position.compareTo(end) <= 0;
    }

    /**
     * The union: what overlaps or touches is one, and the latest time that was told of a part holds
     * for the whole. The result does not depend on how the ranges were grouped before.
     */
    static List<ArchivedRange> union(List<ArchivedRange> one, List<ArchivedRange> other) {
        List<ArchivedRange> union = new ArrayList<>();
        Stream.concat(one.stream(), other.stream())
                .sorted(BY_START)
                .forEach(next -> {
                    boolean apart =
                            union.isEmpty() || union.getLast().end.compareTo(next.start) < 0;
                    union.add(apart ? next : union.removeLast().with(next));
                });
        return List.copyOf(union);
    }

    /** The part that lies in {@code other} as well; its time holds only with its end. */
    Optional<ArchivedRange> within(ArchivedRange other) {
        Lsn from = start.compareTo(other.start) >= 0 ? start : other.start;
        Lsn to = end.compareTo(other.end) <= 0 ? end : other.end;
        if (from.compareTo(to) > 0) {
            return Optional.empty();
        }
        return Optional.of(
                to.equals(end)
                        ? new ArchivedRange(from, to, recoverableUntil, synchronousAt)
                        : new ArchivedRange(from, to, Optional.empty()));
    }

    private ArchivedRange with(ArchivedRange next) {
        return new ArchivedRange(
                start,
                end.compareTo(next.end) >= 0 ? end : next.end,
                Join.latest(recoverableUntil, next.recoverableUntil, time -> time),
                Join.latest(synchronousAt, next.synchronousAt, time -> time));
    }
}
