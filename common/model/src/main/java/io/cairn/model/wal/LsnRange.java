package io.cairn.model.wal;

import io.cairn.model.Lsn;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;

/**
 * The bytes of one timeline's WAL from {@code start} to before {@code end}.
 *
 * @param end after {@code start}: an empty range is none
 */
public record LsnRange(Lsn start, Lsn end) {

    public LsnRange {
        if (start.compareTo(end) >= 0) {
            throw new IllegalArgumentException("WAL from " + start + " to " + end + " is empty");
        }
    }

    /**
     * What ranges cover together, from low to high: those that overlap or touch are one, so that
     * between two of the result there is a gap.
     */
    public static List<LsnRange> merged(Collection<LsnRange> ranges) {
        List<LsnRange> merged = new ArrayList<>();
        for (LsnRange next :
                ranges.stream().sorted(Comparator.comparing(LsnRange::start)).toList()) {
            if (merged.isEmpty() || merged.getLast().end.compareTo(next.start) < 0) {
                merged.add(next);
            } else if (merged.getLast().end.compareTo(next.end) < 0) {
                merged.add(new LsnRange(merged.removeLast().start, next.end));
            }
        }
        return List.copyOf(merged);
    }

    /**
     * How far merged ranges cover every byte from {@code start} on; {@code start} if none does.
     *
     * @param merged as {@link #merged} gives them
     */
    public static Lsn coveredFrom(Lsn start, List<LsnRange> merged) {
        return merged.stream()
                .filter(range -> range.contains(start))
                .map(LsnRange::end)
                .findFirst()
                .orElse(start);
    }

    public long bytes() {
        return end.minus(start);
    }

    public boolean contains(Lsn position) {
        return start.compareTo(position) <= 0 && position.compareTo(end) < 0;
    }

    @Override
    public String toString() {
        return start + "-" + end;
    }
}
