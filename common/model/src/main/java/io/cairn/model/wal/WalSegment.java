package io.cairn.model.wal;

import io.cairn.model.Lsn;
import io.cairn.model.Timeline;
import io.cairn.model.error.CairnException;
import io.cairn.model.error.ErrorCode;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * One file of the WAL. Its name is timeline, then the number as quotient and remainder of what 4
 * GiB hold, eight hexadecimal digits each.
 *
 * @param number the segment's start divided by its size
 * @see <a href="https://www.postgresql.org/docs/current/wal-internals.html">WAL Internals</a>
 */
public record WalSegment(Timeline timeline, long number, SegmentSize size) {

    private static final Pattern NAME = Pattern.compile("([0-9A-F]{8})([0-9A-F]{8})([0-9A-F]{8})");

    /** The segment that holds the byte at {@code position}. */
    public static WalSegment containing(Timeline timeline, Lsn position, SegmentSize size) {
        return new WalSegment(timeline, size.numberOf(position), size);
    }

    /** The segments that hold the bytes of {@code range}, in order. */
    public static List<WalSegment> of(Timeline timeline, LsnRange range, SegmentSize size) {
        return between(timeline, range.start(), range.end(), size);
    }

    /** The segments that hold the bytes from {@code start} to before {@code stop}, in order. */
    public static List<WalSegment> between(
            Timeline timeline, Lsn start, Lsn stop, SegmentSize size) {
        List<WalSegment> segments = new ArrayList<>();
        WalSegment last = containing(timeline, stop.plus(-1), size);
        for (WalSegment segment = containing(timeline, start, size);
                segment.number <= last.number;
                segment = segment.next()) {
            segments.add(segment);
        }
        return segments;
    }

    /**
     * @throws CairnException {@link ErrorCode#NAME_INVALID}
     */
    public static WalSegment parse(String name, SegmentSize size) {
        Matcher matcher = NAME.matcher(name);
        long perFile = (1L << 32) / size.bytes();
        if (matcher.matches()) {
            long remainder = Long.parseLong(matcher.group(3), 16);
            int timeline = Integer.parseUnsignedInt(matcher.group(1), 16);
            if (remainder < perFile && timeline >= 1) {
                long quotient = Long.parseLong(matcher.group(2), 16);
                return new WalSegment(new Timeline(timeline), quotient * perFile + remainder, size);
            }
        }
        throw new CairnException(
                ErrorCode.NAME_INVALID,
                "'" + name + "' is not a WAL segment of " + size.bytes() + " bytes",
                "24 hexadecimal digits, as in pg_wal");
    }

    public String name() {
        long perFile = (1L << 32) / size.bytes();
        return "%s%08X%08X".formatted(timeline.hex(), number / perFile, number % perFile);
    }

    public LsnRange range() {
        return new LsnRange(start(), end());
    }

    public Lsn start() {
        return new Lsn(number * size.bytes());
    }

    /** The first byte of the next segment. */
    public Lsn end() {
        return start().plus(size.bytes());
    }

    public WalSegment next() {
        return new WalSegment(timeline, number + 1, size);
    }

    @Override
    public String toString() {
        return name();
    }
}
