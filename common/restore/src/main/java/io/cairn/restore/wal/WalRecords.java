package io.cairn.restore.wal;

import io.cairn.model.Lsn;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Optional;

/**
 * Finds the last whole record in WAL that may end anywhere: what a server can replay of it. Records
 * begin at multiples of eight and go on behind the header of the next page.
 *
 * <pre>
 * record = length(4) xid(4) previous(8) info(1) resource manager(1) pad(2) crc(4) data
 * </pre>
 *
 * @see <a href="https://www.postgresql.org/docs/current/wal-internals.html">WAL Internals</a>,
 *     {@code access/xlogrecord.h}
 */
final class WalRecords {

    private static final int PAGE = WalPages.PAGE;
    private static final int SHORT_HEADER = 24;
    private static final int LONG_HEADER = 40;
    private static final int RECORD_HEADER = 24;
    private static final int REMAINING = 16;

    // Flags of a page.
    private static final int FIRST_IS_CONTINUED = 0x0001;
    private static final int LONG = 0x0002;
    private static final int FIRST_OVERWRITES_CONTINUED = 0x0008;

    // A record that ends its segment: the rest of it is empty.
    private static final int INFO = 16;
    private static final int INFO_MASK = 0xF0;
    private static final int SWITCH = 0x40;

    private final ByteBuffer bytes;
    private final Lsn base;
    private final int segmentBytes;

    /** A record that is not all there. */
    private static final int INCOMPLETE = -1;

    /** A record that was given up in the middle when the server crashed; another follows. */
    private static final int OVERWRITTEN = -2;

    private int at;

    private WalRecords(byte[] bytes, int length, Lsn base, int segmentBytes) {
        this.bytes = ByteBuffer.wrap(bytes, 0, length).order(ByteOrder.nativeOrder());
        this.base = base;
        this.segmentBytes = segmentBytes;
    }

    /**
     * The last record that begins and ends in {@code bytes[0 .. length)}.
     *
     * @param base position of the first byte, the start of a segment
     */
    static Optional<LastRecord> last(byte[] bytes, int length, Lsn base, int segmentBytes) {
        return new WalRecords(bytes, length, base, segmentBytes).last();
    }

    private Optional<LastRecord> last() {
        Optional<LastRecord> last = Optional.empty();
        if (!enterFirstPage()) {
            return last;
        }
        while (atRecord()) {
            int start = at;
            int end = through(start, Integer.toUnsignedLong(bytes.getInt(start)));
            if (end == INCOMPLETE) {
                return last;
            }
            if (end != OVERWRITTEN) {
                at = isSwitch(start) ? (start / segmentBytes + 1) * segmentBytes : aligned(end);
                last = Optional.of(new LastRecord(base.plus(start), base.plus(at)));
            }
        }
        return last;
    }

    /** Passes what the first page has of a record that began before. */
    private boolean enterFirstPage() {
        if (bytes.limit() < LONG_HEADER) {
            return false;
        }
        long remaining =
                (flags(0) & FIRST_IS_CONTINUED) == 0
                        ? 0
                        : Integer.toUnsignedLong(bytes.getInt(REMAINING));
        int end = through(LONG_HEADER, remaining);
        if (end != OVERWRITTEN) {
            at = end == INCOMPLETE ? bytes.limit() : aligned(end);
        }
        return end != INCOMPLETE;
    }

    private boolean atRecord() {
        if (at % PAGE == 0 && at + LONG_HEADER <= bytes.limit()) {
            at += header(at);
        }
        return at + Integer.BYTES <= bytes.limit()
                && at % PAGE != 0
                && Integer.compareUnsigned(bytes.getInt(at), RECORD_HEADER) >= 0;
    }

    /** Where {@code length} bytes of records end that begin at {@code start}, within a page. */
    private int through(int start, long length) {
        int position = start;
        long left = length;
        while (true) {
            int room = PAGE - position % PAGE;
            if (left <= room) {
                position += (int) left;
                return position <= bytes.limit() ? position : INCOMPLETE;
            }
            left -= room;
            position += room;
            if (position + SHORT_HEADER > bytes.limit()) {
                return INCOMPLETE;
            }
            if ((flags(position) & FIRST_OVERWRITES_CONTINUED) != 0) {
                at = position + header(position);
                return OVERWRITTEN;
            }
            position += header(position);
        }
    }

    private int flags(int page) {
        return Short.toUnsignedInt(bytes.getShort(page + 2));
    }

    private int header(int page) {
        return (flags(page) & LONG) == 0 ? SHORT_HEADER : LONG_HEADER;
    }

    private boolean isSwitch(int record) {
        // Resource manager 0 is XLOG itself.
        return record + RECORD_HEADER <= bytes.limit()
                && bytes.get(record + INFO + 1) == 0
                && (bytes.get(record + INFO) & INFO_MASK) == SWITCH;
    }

    private static int aligned(int position) {
        return (position + 7) & ~7;
    }
}
