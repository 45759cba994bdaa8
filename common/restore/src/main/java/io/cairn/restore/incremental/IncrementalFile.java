package io.cairn.restore.incremental;

import io.cairn.model.error.CairnException;
import io.cairn.model.error.ErrorCode;
import io.cairn.postgres.basebackup.RelationFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;

/**
 * Lays an {@code INCREMENTAL.<name>} over the file as it was at the backup before. For one file and
 * one thread at a time, its bytes in order.
 *
 * <pre>
 * file   = magic(4) blocks(4) truncation length(4) number(4){blocks} [ padding  block(8192){blocks} ]
 * </pre>
 *
 * <p>in the byte order of the server; numbers and the truncation length count blocks, relative to
 * this file; the padding is there only with blocks, up to a multiple of 8192. The file then has
 * {@code max(truncation length, highest number + 1)} blocks. Those that are absent are the ones
 * before, where they are below the truncation length, and zeros above.
 *
 * @see <a
 *     href="https://www.postgresql.org/docs/current/continuous-archiving.html#BACKUP-INCREMENTAL-BACKUP">Making
 *     an Incremental Backup</a>, {@code backup/basebackup_incremental.h}
 */
public final class IncrementalFile {

    /** Bytes of a block, which is a page. */
    public static final int BLOCK = 8192;

    private static final int MAGIC = 0xd3ae1f0d;
    private static final int FIXED = 12;

    /** Blocks of a file of 1 GiB. */
    private static final int BLOCKS_MAX = 1 << 17;

    /** The most bytes of a file; a relation goes on in another one. */
    public static final long LENGTH_MAX = (long) BLOCKS_MAX * BLOCK;

    private final String name;
    private final FileChannel target;
    private ByteBuffer header = ByteBuffer.allocate(FIXED).order(ByteOrder.nativeOrder());
    private int blocks = -1;
    private long truncationBlocks;
    private long contentStart;
    private long read;
    private boolean changed;

    /**
     * @param name for errors
     * @param target the file before, open for reading and writing
     */
    public IncrementalFile(String name, FileChannel target) {
        this.name = name;
        this.target = target;
    }

    /** The path of the file that the blocks are of. */
    public static String whole(String path) {
        int from = path.lastIndexOf('/') + 1;
        return path.substring(0, from) + path.substring(from + RelationFile.INCREMENTAL.length());
    }

    /** The path under which the server would send blocks of a file. */
    public static String incremental(String path) {
        int from = path.lastIndexOf('/') + 1;
        return path.substring(0, from) + RelationFile.INCREMENTAL + path.substring(from);
    }

    /**
     * Takes the next bytes.
     *
     * @throws CairnException {@link ErrorCode#ARCHIVE_CORRUPT} if they are no incremental file
     */
    public void write(byte[] bytes, int offset, int length) throws IOException {
        ByteBuffer rest = ByteBuffer.wrap(bytes, offset, length);
        while (rest.hasRemaining()) {
            if (header.hasRemaining()) {
                readHeader(rest);
            } else if (read < contentStart) {
                int padding = (int) Math.min(contentStart - read, rest.remaining());
                rest.position(rest.position() + padding);
                read += padding;
            } else {
                writeBlocks(rest);
            }
        }
    }

    private void readHeader(ByteBuffer rest) throws IOException {
        int wanted = Math.min(header.remaining(), rest.remaining());
        header.put(rest.slice(rest.position(), wanted));
        rest.position(rest.position() + wanted);
        read += wanted;
        if (header.hasRemaining()) {
            return;
        }
        if (blocks < 0) {
            readFixedHeader();
        }
        if (!header.hasRemaining()) {
            begin();
        }
    }

    private void readFixedHeader() {
        long count = Integer.toUnsignedLong(header.getInt(4));
        truncationBlocks = Integer.toUnsignedLong(header.getInt(8));
        require(
                header.getInt(0) == MAGIC && count <= BLOCKS_MAX && truncationBlocks <= BLOCKS_MAX,
                "it does not begin like one");
        blocks = (int) count;
        int bytes = FIXED + blocks * Integer.BYTES;
        contentStart = blocks == 0 ? bytes : Math.ceilDiv(bytes, BLOCK) * (long) BLOCK;
        ByteBuffer whole = ByteBuffer.allocate(bytes).order(ByteOrder.nativeOrder());
        header = whole.put(header.flip());
    }

    private void begin() throws IOException {
        long length = truncationBlocks * BLOCK;
        changed = blocks > 0 || target.size() != length;
        if (target.size() > length) {
            target.truncate(length);
        }
    }

    private void writeBlocks(ByteBuffer rest) throws IOException {
        long at = read - contentStart;
        int index = Math.toIntExact(at / BLOCK);
        require(index < blocks, "it has more blocks than it says");
        int within = (int) (at % BLOCK);
        int bytes = Math.min(BLOCK - within, rest.remaining());
        ByteBuffer block = rest.slice(rest.position(), bytes);
        long position = number(index) * BLOCK + within;
        while (block.hasRemaining()) {
            target.write(block, position + block.position());
        }
        rest.position(rest.position() + bytes);
        read += bytes;
    }

    private long number(int index) {
        long number = Integer.toUnsignedLong(header.getInt(FIXED + index * Integer.BYTES));
        require(number < BLOCKS_MAX, "it has a block " + number);
        return number;
    }

    /**
     * All bytes have been given: the file gets its length.
     *
     * @return whether it differs from the file before
     */
    public boolean finish() throws IOException {
        require(
                !header.hasRemaining() && read == contentStart + (long) blocks * BLOCK,
                "it ends too early");
        long length = truncationBlocks * BLOCK;
        for (int i = 0; i < blocks; i++) {
            length = Math.max(length, (number(i) + 1) * BLOCK);
        }
        if (target.size() < length) {
            target.write(ByteBuffer.allocate(1), length - 1);
        }
        return changed;
    }

    private void require(boolean condition, String what) {
        if (!condition) {
            throw new CairnException(
                    ErrorCode.ARCHIVE_CORRUPT,
                    name + " is not an incremental file: " + what,
                    "restore the backup before it, or another one");
        }
    }
}
