package io.cairn.restore.contents;

import io.cairn.model.Lsn;
import io.cairn.model.Timeline;
import java.util.ArrayList;
import java.util.List;

/**
 * Names of WAL segment files: timeline, then the segment's number as quotient and remainder of what
 * 4 GiB holds, eight hexadecimal digits each.
 *
 * @see <a href="https://www.postgresql.org/docs/current/wal-internals.html">WAL Internals</a>
 */
final class WalSegments {

    private WalSegments() {}

    /** The segments that hold the bytes from {@code start} to before {@code stop}. */
    static List<String> between(Timeline timeline, Lsn start, Lsn stop, long segmentBytes) {
        List<String> names = new ArrayList<>();
        long last = Long.divideUnsigned(stop.bits() - 1, segmentBytes);
        for (long number = Long.divideUnsigned(start.bits(), segmentBytes);
                number <= last;
                number++) {
            names.add(name(timeline, number, segmentBytes));
        }
        return names;
    }

    private static String name(Timeline timeline, long number, long segmentBytes) {
        long perFile = (1L << 32) / segmentBytes;
        return "%s%08X%08X".formatted(timeline.hex(), number / perFile, number % perFile);
    }
}
