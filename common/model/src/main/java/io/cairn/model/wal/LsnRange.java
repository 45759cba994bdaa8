package io.cairn.model.wal;

import io.cairn.model.Lsn;

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
