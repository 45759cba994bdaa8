package io.cairn.executor.wal;

import io.cairn.model.Lsn;
import io.cairn.model.wal.LsnRange;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The bytes of one segment from its first on, as far as they have come. They are only ever
 * appended, so that a part may be read while more comes. Grows with what it holds: the buffer of an
 * idle cluster is small.
 */
final class SegmentBuffer {

    private static final int FIRST_BYTES = 64 << 10;

    private final Lsn start;
    private final int capacity;
    private final AtomicInteger users = new AtomicInteger(1);
    private final Runnable unused;
    private byte[] bytes;
    private int length;

    /**
     * @param unused called once, when nobody needs the bytes any more
     */
    SegmentBuffer(Lsn start, int capacity, Runnable unused) {
        this.start = start;
        this.capacity = capacity;
        this.unused = unused;
        this.bytes = new byte[Math.min(FIRST_BYTES, capacity)];
    }

    /** Bytes that stay as they are. */
    record Part(LsnRange range, byte[] array, int from, int length, SegmentBuffer buffer) {}

    Lsn start() {
        return start;
    }

    Lsn end() {
        return start.plus(length);
    }

    boolean isFull() {
        return length == capacity;
    }

    /** Takes as much of {@code source} as fits. */
    void append(ByteBuffer source) {
        int count = Math.min(source.remaining(), capacity - length);
        if (length + count > bytes.length) {
            long wanted = Math.max(length + count, 4L * bytes.length);
            bytes = Arrays.copyOf(bytes, (int) Math.min(capacity, wanted));
        }
        source.get(bytes, length, count);
        length += count;
    }

    /** The bytes from {@code from} to the end of what has come; in use until {@link #release()}. */
    Part part(Lsn from) {
        return part(new LsnRange(from, end()));
    }

    Part part(LsnRange range) {
        int offset = Math.toIntExact(range.start().minus(start));
        int count = Math.toIntExact(range.bytes());
        if (offset < 0 || offset + count > length) {
            throw new IllegalArgumentException(range + " of " + start + " to " + end());
        }
        users.incrementAndGet();
        return new Part(range, bytes, offset, count, this);
    }

    /** One who needed the bytes is done. */
    void release() {
        if (users.decrementAndGet() == 0) {
            unused.run();
        }
    }
}
