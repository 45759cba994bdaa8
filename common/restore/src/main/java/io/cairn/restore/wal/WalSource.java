package io.cairn.restore.wal;

import io.cairn.model.Lsn;
import io.cairn.model.error.CairnException;
import io.cairn.model.error.ErrorCode;
import io.cairn.model.wal.LsnRange;
import io.cairn.model.wal.SegmentSize;
import io.cairn.model.wal.WalSegment;
import java.nio.ByteBuffer;
import java.util.Optional;

/** The segments of a path, made of what is stored. Thread-safe. */
public final class WalSource {

    private final WalPath path;
    private final WalReader reader;
    private final WalPages pages;

    public WalSource(WalPath path, WalReader reader, WalPages pages) {
        this.path = path;
        this.reader = reader;
        this.pages = pages;
    }

    public WalPath path() {
        return path;
    }

    /**
     * Looks whether the keys of a range open.
     *
     * @throws CairnException {@link ErrorCode#KEY_CANNOT_DECRYPT}
     */
    public void requireKeys(LsnRange range) {
        reader.requireKeys(path, range);
    }

    /** As {@link #read}, into a new array. */
    public byte[] segment(WalSegment segment, Lsn end) {
        byte[] bytes = new byte[segment.size().bytes()];
        read(segment, end, ByteBuffer.wrap(bytes));
        return bytes;
    }

    /**
     * The bytes of a segment file, zeros behind {@code end}. Its pages are those of the segment, by
     * their own headers.
     *
     * @param end up to where bytes are wanted
     * @param bytes takes them, as long as a segment; if this throws, what is in it is of no use.
     *     Its position does not matter, and stays
     * @throws CairnException {@link ErrorCode#STORE_OBJECT_MISSING} if a byte before {@code end} is
     *     not stored; as {@link WalReader#read} does
     */
    public void read(WalSegment segment, Lsn end, ByteBuffer bytes) {
        Lsn until = end.compareTo(segment.end()) < 0 ? end : segment.end();
        LsnRange wanted = new LsnRange(segment.start(), until);
        PartsInParallel.read(
                path.parts(wanted).orElseThrow(() -> missing(segment)),
                part ->
                        reader.read(
                                part, bytes, (int) part.range().start().minus(segment.start())));
        zeros(bytes, (int) wanted.bytes());
        pages.requireSegment(bytes, segment, until);
    }

    /**
     * The last whole record of a stored range, looked for from its end backwards.
     *
     * @param range from the start of a segment on
     */
    public Optional<LastRecord> lastRecord(LsnRange range, SegmentSize size) {
        long first = size.numberOf(range.start());
        long last = size.numberOf(range.end().plus(-1));
        byte[] bytes = new byte[0];
        for (long number = last; number >= first; number--) {
            WalSegment segment = path.file(number);
            byte[] longer = new byte[size.bytes() + bytes.length];
            System.arraycopy(segment(segment, range.end()), 0, longer, 0, size.bytes());
            System.arraycopy(bytes, 0, longer, size.bytes(), bytes.length);
            bytes = longer;
            Optional<LastRecord> found =
                    WalRecords.last(
                            bytes,
                            (int) range.end().minus(segment.start()),
                            segment.start(),
                            size.bytes());
            if (found.isPresent()) {
                return found;
            }
        }
        return Optional.empty();
    }

    private static void zeros(ByteBuffer bytes, int from) {
        byte[] zeros = new byte[WalPages.PAGE];
        for (int at = from; at < bytes.capacity(); at += zeros.length) {
            bytes.put(at, zeros, 0, Math.min(zeros.length, bytes.capacity() - at));
        }
    }

    private static CairnException missing(WalSegment segment) {
        return new CairnException(
                ErrorCode.STORE_OBJECT_MISSING,
                "the WAL of segment " + segment + " is not stored",
                "recover to a point before it");
    }
}
