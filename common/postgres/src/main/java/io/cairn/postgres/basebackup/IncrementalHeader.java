package io.cairn.postgres.basebackup;

import io.cairn.model.error.CairnException;
import io.cairn.model.error.ErrorCode;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * What an {@code INCREMENTAL.<name>} says of the blocks that it holds. For one file and one thread,
 * its bytes in order.
 *
 * <pre>
 * header = magic(4) count(4) truncation length(4) number(4){count}      ; in the server's byte order
 * </pre>
 *
 * <p>The numbers ascend. A block below the truncation length that is not among them is taken from
 * the backup before.
 *
 * @see <a
 *     href="https://www.postgresql.org/docs/current/continuous-archiving.html#BACKUP-INCREMENTAL-BACKUP">Making
 *     an Incremental Backup</a>, {@code backup/basebackup_incremental.h}
 */
public final class IncrementalHeader {

    private static final int MAGIC = 0xd3ae1f0d;
    private static final int FIXED = 3 * Integer.BYTES;

    private final String path;
    private final ByteBuffer fixed = ByteBuffer.allocate(FIXED).order(ByteOrder.LITTLE_ENDIAN);
    private final ByteBuffer number = ByteBuffer.allocate(Integer.BYTES);
    private long missing;
    private long length;
    private long previous = -1;
    private long runStart;

    /**
     * @param path for errors
     */
    public IncrementalHeader(String path) {
        this.path = path;
    }

    /** Takes the next bytes of the file; what follows the header is passed over. */
    public void write(byte[] bytes, int offset, int length) {
        ByteBuffer rest = ByteBuffer.wrap(bytes, offset, length);
        if (fixed.hasRemaining()) {
            take(rest, fixed);
            if (fixed.hasRemaining()) {
                return;
            }
            begin();
        }
        while (missing > 0 && rest.hasRemaining()) {
            take(rest, number);
            if (!number.hasRemaining()) {
                block(Integer.toUnsignedLong(number.getInt(0)));
                number.clear();
            }
        }
    }

    private static void take(ByteBuffer from, ByteBuffer to) {
        int bytes = Math.min(from.remaining(), to.remaining());
        to.put(from.slice(from.position(), bytes));
        from.position(from.position() + bytes);
    }

    private void begin() {
        if (fixed.getInt(0) != MAGIC) {
            fixed.order(ByteOrder.BIG_ENDIAN);
        }
        require(fixed.getInt(0) == MAGIC, "it does not begin like one");
        number.order(fixed.order());
        missing = Integer.toUnsignedLong(fixed.getInt(4));
        length = Integer.toUnsignedLong(fixed.getInt(8));
    }

    private void block(long block) {
        require(block > previous, "its blocks are not in order");
        if (block != previous + 1) {
            runStart = block;
        }
        previous = block;
        missing--;
    }

    /**
     * From which block on the file holds each to its end; its length in blocks if it lacks the last
     * one. Relative to this file.
     *
     * @throws CairnException {@link ErrorCode#MANIFEST_MISMATCH} if the header is not complete
     */
    public long heldFrom() {
        require(!fixed.hasRemaining() && missing == 0, "it ends in its header");
        return previous + 1 >= length && previous >= 0 ? runStart : length;
    }

    /** The length in blocks that the file has when it is laid over the one before. */
    public long length() {
        return Math.max(length, previous + 1);
    }

    private void require(boolean condition, String what) {
        if (!condition) {
            throw new CairnException(
                    ErrorCode.MANIFEST_MISMATCH,
                    path + " as the server sent it is not an incremental file: " + what,
                    "report it with the server's version");
        }
    }
}
