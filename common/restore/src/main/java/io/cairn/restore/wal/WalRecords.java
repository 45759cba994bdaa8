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

    // Where what lies in a record.
    static final int HEADER = 24;
    static final int XID = 4;
    static final int INFO = 16;
    static final int MANAGER = 17;

    /** The resource manager that is XLOG itself. */
    static final int XLOG = 0;

    /** What of the info is the resource manager's own. */
    static final int INFO_MASK = 0xF0;

    /** A record that ends its segment: the rest of it is empty. */
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
        if (bytes.limit() < WalPages.LONG_HEADER) {
            return false;
        }
        long remaining = WalPages.isContinued(bytes, 0) ? WalPages.remaining(bytes, 0) : 0;
        int end = through(WalPages.LONG_HEADER, remaining);
        if (end != OVERWRITTEN) {
            at = end == INCOMPLETE ? bytes.limit() : aligned(end);
        }
        return end != INCOMPLETE;
    }

    private boolean atRecord() {
        if (at % PAGE == 0 && at + WalPages.LONG_HEADER <= bytes.limit()) {
            at += WalPages.header(bytes, at);
        }
        return at + Integer.BYTES <= bytes.limit()
                && at % PAGE != 0
                && Integer.compareUnsigned(bytes.getInt(at), HEADER) >= 0;
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
            if (position + WalPages.SHORT_HEADER > bytes.limit()) {
                return INCOMPLETE;
            }
            if (WalPages.overwritesContinued(bytes, position)) {
                at = position + WalPages.header(bytes, position);
                return OVERWRITTEN;
            }
            position += WalPages.header(bytes, position);
        }
    }

    private boolean isSwitch(int record) {
        return record + HEADER <= bytes.limit()
                && bytes.get(record + MANAGER) == XLOG
                && (bytes.get(record + INFO) & INFO_MASK) == SWITCH;
    }

    /** Where the next record begins behind one that ends at {@code position}. */
    static int aligned(int position) {
        return (position + 7) & ~7;
    }
}
