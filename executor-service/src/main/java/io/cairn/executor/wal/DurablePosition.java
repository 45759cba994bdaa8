package io.cairn.executor.wal;

import io.cairn.model.Lsn;
import io.cairn.model.wal.LsnRange;
import java.util.Map;
import java.util.TreeMap;

/**
 * Up to where everything from a start on is stored, whatever the order in which objects become
 * durable, and however they overlap. It never goes back, and never across a hole.
 *
 * <p>Thread-safe. Memory: one entry for each range beyond a hole, of which there are no more than
 * uploads in flight.
 */
final class DurablePosition {

    private final Lsn start;
    private final TreeMap<Lsn, Lsn> beyond = new TreeMap<>();
    private Lsn position;

    DurablePosition(Lsn start) {
        this.start = start;
        this.position = start;
    }

    Lsn start() {
        return start;
    }

    synchronized Lsn position() {
        return position;
    }

    /**
     * A range is durable.
     *
     * @return whether the position has moved
     */
    synchronized boolean stored(LsnRange range) {
        beyond.merge(range.start(), range.end(), (a, b) -> a.compareTo(b) > 0 ? a : b);
        Lsn before = position;
        for (Map.Entry<Lsn, Lsn> first = beyond.firstEntry();
                first != null && first.getKey().compareTo(position) <= 0;
                first = beyond.firstEntry()) {
            beyond.remove(first.getKey());
            if (first.getValue().compareTo(position) > 0) {
                position = first.getValue();
            }
        }
        return !position.equals(before);
    }
}
