package io.cairn.restore.wal;

import io.cairn.model.Lsn;
import io.cairn.model.error.CairnException;
import io.cairn.model.error.ErrorCode;
import io.cairn.model.wal.LsnRange;
import io.cairn.model.wal.SegmentSize;
import io.cairn.model.wal.WalSegment;
import io.cairn.restore.wal.WalPath.Part;
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

    /**
     * The bytes of a segment file, zeros behind {@code end}. Its pages are those of the segment, by
     * their own headers.
     *
     * @param end up to where bytes are wanted
     * @throws CairnException {@link ErrorCode#STORE_OBJECT_MISSING} if a byte before {@code end} is
     *     not stored; as {@link WalReader#read} does
     */
    public byte[] segment(WalSegment segment, Lsn end) {
        Lsn until = end.compareTo(segment.end()) < 0 ? end : segment.end();
        LsnRange wanted = new LsnRange(segment.start(), until);
        byte[] bytes = new byte[segment.size().bytes()];
        PartsInParallel.read(
                path.parts(wanted).orElseThrow(() -> missing(segment)),
                part -> copy(part, bytes, segment));
        pages.requireSegment(bytes, segment, until);
        return bytes;
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

    private void copy(Part part, byte[] bytes, WalSegment segment) {
        byte[] plain = reader.read(part.object());
        long from = part.range().start().minus(part.object().range().start());
        if (from + part.range().bytes() > plain.length) {
            throw new CairnException(
                    ErrorCode.ARCHIVE_INCOMPLETE,
                    part.object().key() + " holds " + plain.length + " bytes of WAL, too few",
                    "use another store's copy; otherwise recover to a point before it");
        }
        System.arraycopy(
                plain,
                (int) from,
                bytes,
                (int) part.range().start().minus(segment.start()),
                (int) part.range().bytes());
    }

    private static CairnException missing(WalSegment segment) {
        return new CairnException(
                ErrorCode.STORE_OBJECT_MISSING,
                "the WAL of segment " + segment + " is not stored",
                "recover to a point before it");
    }
}
