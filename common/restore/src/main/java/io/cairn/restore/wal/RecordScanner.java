package io.cairn.restore.wal;

import io.cairn.model.Lsn;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Finds records that name a moment, in WAL that is given to it segment after segment: restore
 * points and the ends of transactions. Begins behind the record that runs into the first segment.
 * For one thread.
 *
 * <pre>
 * record        = header(24) parts data       as {@link WalRecords} has it
 * parts         = [ 253 origin(2) ] [ 252 top-level xid(4) ] ( 255 length(1) | 254 length(4) )
 * restore point = time(8) name(64)            of resource manager 0, info 0x70
 * end           = time(8) [ xinfo(4) … ]      of resource manager 1, info by 0x70
 * </pre>
 *
 * @see <a href="https://www.postgresql.org/docs/current/wal-internals.html">WAL Internals</a>,
 *     {@code access/xlogrecord.h}, {@code access/xact.h}
 */
final class RecordScanner {

    /** Is told what was found. */
    interface Listener {

        void restorePoint(String name, Lsn record);

        /**
         * A commit or an abort.
         *
         * @param xid without its epoch
         */
        void transactionEnd(long xid, Lsn record);
    }

    private static final int PAGE = WalPages.PAGE;

    private static final int RESTORE_POINT = 0x70;
    private static final int NAME = 8;

    private static final int TRANSACTIONS = 1;
    private static final int OPERATION = 0x70;
    private static final int COMMIT = 0x00;
    private static final int ABORT = 0x20;
    private static final int COMMIT_PREPARED = 0x30;
    private static final int ABORT_PREPARED = 0x40;
    private static final int HAS_XINFO = 0x80;

    private static final int ORIGIN = 253;
    private static final int TOP_LEVEL = 252;
    private static final int DATA_SHORT = 255;
    private static final int DATA_LONG = 254;

    /** Longer ones are neither restore points nor ordinary ends of transactions. */
    private static final int KEPT_MAX = 4 << 20;

    private final Listener listener;
    private final int majorVersion;

    /** The record that is being put together; longer than it is, of a record before. */
    private byte[] kept = new byte[1 << 10];

    private Lsn start = new Lsn(0);
    private long length;
    private long collected;

    /**
     * @param majorVersion of the server that wrote the WAL
     */
    RecordScanner(int majorVersion, Listener listener) {
        this.majorVersion = majorVersion;
        this.listener = listener;
    }

    /**
     * The next bytes, whole pages but for the last.
     *
     * @param address of the first byte
     */
    void scan(Lsn address, byte[] bytes, int length) {
        ByteBuffer buffer = ByteBuffer.wrap(bytes, 0, length).order(ByteOrder.nativeOrder());
        for (int page = 0; page < length; page += PAGE) {
            page(address.plus(page), buffer, page, Math.min(length, page + PAGE));
        }
    }

    private void page(Lsn address, ByteBuffer bytes, int page, int limit) {
        if (page + WalPages.SHORT_HEADER > limit || bytes.getShort(page) == 0) {
            // Behind a segment switch.
            give();
            return;
        }
        int at = page + WalPages.header(bytes, page);
        if (WalPages.isContinued(bytes, page)) {
            long remaining = WalPages.remaining(bytes, page);
            int here = (int) Math.min(remaining, limit - at);
            if (length > 0) {
                collect(bytes, at, here);
            }
            if (remaining > here) {
                return;
            }
            at = WalRecords.aligned(at + here);
        } else {
            // A record that was given up when the server crashed.
            give();
        }
        records(address, bytes, page, at, limit);
    }

    private void records(Lsn address, ByteBuffer bytes, int page, int first, int limit) {
        int at = first;
        while (at + Integer.BYTES <= limit) {
            long total = Integer.toUnsignedLong(bytes.getInt(at));
            if (total < WalRecords.HEADER) {
                return;
            }
            start = address.plus(at - page);
            length = total;
            collected = 0;
            int here = (int) Math.min(total, limit - at);
            collect(bytes, at, here);
            at = WalRecords.aligned(at + here);
        }
    }

    private void give() {
        length = 0;
        collected = 0;
    }

    private void collect(ByteBuffer bytes, int from, int count) {
        int room = Math.clamp(KEPT_MAX - collected, 0, count);
        if (room > 0) {
            if (collected + room > kept.length) {
                kept = Arrays.copyOf(kept, (int) Math.min(KEPT_MAX, 2 * (collected + room)));
            }
            bytes.get(from, kept, (int) collected, room);
        }
        collected += count;
        if (collected == length) {
            if (length <= KEPT_MAX) {
                record(ByteBuffer.wrap(kept, 0, (int) length).order(ByteOrder.nativeOrder()));
            }
            give();
        }
    }

    private void record(ByteBuffer record) {
        int manager = Byte.toUnsignedInt(record.get(WalRecords.MANAGER));
        int info = Byte.toUnsignedInt(record.get(WalRecords.INFO));
        if (manager == WalRecords.XLOG && (info & WalRecords.INFO_MASK) == RESTORE_POINT) {
            int data = data(record);
            if (data > 0 && data + NAME < record.limit()) {
                listener.restorePoint(text(record, data + NAME), start);
            }
        } else if (manager == TRANSACTIONS) {
            switch (info & OPERATION) {
                case COMMIT, ABORT -> {
                    long xid = Integer.toUnsignedLong(record.getInt(WalRecords.XID));
                    if (xid != 0) {
                        listener.transactionEnd(xid, start);
                    }
                }
                case COMMIT_PREPARED, ABORT_PREPARED -> prepared(record, info);
                default -> {}
            }
        }
    }

    private static String text(ByteBuffer record, int from) {
        int end = from;
        while (end < record.limit() && record.get(end) != 0) {
            end++;
        }
        return StandardCharsets.UTF_8.decode(record.slice(from, end - from)).toString();
    }

    /** Where the main data begins; -1 where there is none, or blocks come before it. */
    private static int data(ByteBuffer record) {
        int at = WalRecords.HEADER;
        while (at < record.limit()) {
            switch (Byte.toUnsignedInt(record.get(at))) {
                case ORIGIN -> at += 1 + Short.BYTES;
                case TOP_LEVEL -> at += 1 + Integer.BYTES;
                case DATA_SHORT -> {
                    return at + 2;
                }
                case DATA_LONG -> {
                    return at + 1 + Integer.BYTES;
                }
                default -> {
                    return -1;
                }
            }
        }
        return -1;
    }

    /** Its own id is that of the session that ended it: the transaction's is behind lists. */
    private void prepared(ByteBuffer record, int info) {
        int data = data(record);
        if (data < 0 || (info & HAS_XINFO) == 0) {
            return;
        }
        int at = data + Long.BYTES;
        int xinfo = record.getInt(at);
        at += Integer.BYTES;
        if ((xinfo & 0x01) != 0) {
            at += 2 * Integer.BYTES; // database and tablespace
        }
        if ((xinfo & 0x02) != 0) {
            at = behindList(record, at, Integer.BYTES); // subtransactions
        }
        if ((xinfo & 0x04) != 0) {
            at = behindList(record, at, 3 * Integer.BYTES); // dropped files
        }
        if ((xinfo & 0x100) != 0) {
            at = behindList(record, at, (majorVersion >= 18 ? 4 : 3) * Integer.BYTES); // statistics
        }
        if ((xinfo & 0x08) != 0) {
            at = behindList(record, at, 4 * Integer.BYTES); // invalidations, of commits only
        }
        if ((xinfo & 0x10) != 0 && at + Integer.BYTES <= record.limit()) {
            listener.transactionEnd(Integer.toUnsignedLong(record.getInt(at)), start);
        }
    }

    private static int behindList(ByteBuffer record, int at, int itemBytes) {
        return at + Integer.BYTES + Math.multiplyExact(record.getInt(at), itemBytes);
    }
}
