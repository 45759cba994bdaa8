package io.cairn.restore.wal;

import io.cairn.model.Lsn;
import io.cairn.model.ObjectKey;
import io.cairn.model.SystemIdentifier;
import io.cairn.model.error.CairnException;
import io.cairn.model.error.ErrorCode;
import io.cairn.model.wal.SegmentSize;
import io.cairn.model.wal.WalSegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * The headers of WAL pages, and whether they are those of the segment that the pages lie in: bytes
 * that are whole and authentic may still be those of another name.
 *
 * <pre>
 * page = magic(2) info(2) timeline(4) address(8) remaining(4) pad(4)
 *        [ system identifier(8) segment size(4) page size(4) ]    in a segment's first page
 * </pre>
 *
 * <p>Behind a segment switch pages are all zeros.
 *
 * @see <a href="https://www.postgresql.org/docs/current/wal-internals.html">WAL Internals</a>,
 *     {@code access/xlog_internal.h}
 */
public record WalPages(SystemIdentifier systemIdentifier) {

    static final int PAGE = 8192;
    static final int SHORT_HEADER = 24;
    static final int LONG_HEADER = 40;
    static final int ADDRESS = 8;
    private static final int FLAGS = 2;
    private static final int REMAINING = 16;
    private static final int SYSTEM_IDENTIFIER = 24;

    private static final int FIRST_IS_CONTINUED = 0x0001;
    private static final int LONG = 0x0002;
    private static final int FIRST_OVERWRITES_CONTINUED = 0x0008;

    /** Bytes of the header of the page that begins at {@code page}. */
    static int header(ByteBuffer bytes, int page) {
        return has(LONG, bytes, page) ? LONG_HEADER : SHORT_HEADER;
    }

    /** Whether the page goes on with a record of the one before. */
    static boolean isContinued(ByteBuffer bytes, int page) {
        return has(FIRST_IS_CONTINUED, bytes, page);
    }

    /** Bytes that are left of the record that the page goes on with. */
    static long remaining(ByteBuffer bytes, int page) {
        return Integer.toUnsignedLong(bytes.getInt(page + REMAINING));
    }

    /** Whether the record of the page before was given up in the middle. */
    static boolean overwritesContinued(ByteBuffer bytes, int page) {
        return has(FIRST_OVERWRITES_CONTINUED, bytes, page);
    }

    private static boolean has(int flag, ByteBuffer bytes, int page) {
        return (bytes.getShort(page + FLAGS) & flag) != 0;
    }

    void requireSegment(ByteBuffer bytes, WalSegment segment, Lsn end) {
        ByteBuffer pages = bytes.duplicate().order(ByteOrder.nativeOrder());
        long length = end.minus(segment.start());
        for (int page = 0; page + SYSTEM_IDENTIFIER <= length; page += PAGE) {
            boolean blank = page > 0 && pages.getShort(page) == 0;
            if (!blank && pages.getLong(page + ADDRESS) != segment.start().plus(page).bits()) {
                throw foreign(segment, "page " + page / PAGE + " is of another place");
            }
        }
        boolean named = length >= SYSTEM_IDENTIFIER + Long.BYTES;
        if (named && pages.getLong(SYSTEM_IDENTIFIER) != systemIdentifier.bits()) {
            throw foreign(segment, "it is of another cluster");
        }
    }

    /**
     * Requires that stored bytes belong where their object's name says, by the headers of the pages
     * that begin in them.
     *
     * @param start of the first byte
     * @throws CairnException {@link ErrorCode#ARCHIVE_CORRUPT}
     */
    public void requirePlace(byte[] bytes, Lsn start, SegmentSize size, ObjectKey name) {
        ByteBuffer pages = ByteBuffer.wrap(bytes).order(ByteOrder.nativeOrder());
        int first = (int) (-start.bits() & (PAGE - 1));
        for (int page = first; page + ADDRESS + Long.BYTES <= bytes.length; page += PAGE) {
            Lsn place = start.plus(page);
            boolean begins = size.startOf(place).equals(place);
            boolean blank = !begins && pages.getShort(page) == 0;
            if (!blank && pages.getLong(page + ADDRESS) != place.bits()) {
                throw misplaced(name, "the page at " + place + " is of another place");
            }
            boolean named = begins && page + SYSTEM_IDENTIFIER + Long.BYTES <= bytes.length;
            if (named && pages.getLong(page + SYSTEM_IDENTIFIER) != systemIdentifier.bits()) {
                throw misplaced(name, "it is of another cluster");
            }
        }
    }

    private static CairnException misplaced(ObjectKey name, String what) {
        return new CairnException(
                ErrorCode.ARCHIVE_CORRUPT,
                name + " does not hold the WAL of its name: " + what,
                "use another copy of the bucket; otherwise recover to a point before it");
    }

    private static CairnException foreign(WalSegment segment, String what) {
        return new CairnException(
                ErrorCode.ARCHIVE_CORRUPT,
                "what is stored as WAL segment " + segment + " is not that segment: " + what,
                "use another copy of the bucket; otherwise recover to a point before it");
    }
}
