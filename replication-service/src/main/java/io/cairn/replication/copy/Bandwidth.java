package io.cairn.replication.copy;

import io.cairn.model.error.CairnException;
import io.cairn.model.error.ErrorCode;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * A token bucket: lets so many bytes pass in a second, shared by all who ask, in the order in which
 * they do. Holds a tenth of a second's worth. Thread-safe.
 */
public final class Bandwidth {

    private static final long SECOND = TimeUnit.SECONDS.toNanos(1);
    private static final long BURST = SECOND / 10;

    /** What is asked for at once: small enough that none waits long for another. */
    private static final int SLICE = 64 << 10;

    private final long bytesPerSecond;
    private final LongSupplier nanoTime;
    private long free;

    /**
     * @param bytesPerSecond 1 or more
     */
    public Bandwidth(long bytesPerSecond) {
        this(bytesPerSecond, System::nanoTime);
    }

    Bandwidth(long bytesPerSecond, LongSupplier nanoTime) {
        if (bytesPerSecond < 1) {
            throw new IllegalArgumentException("bytesPerSecond " + bytesPerSecond);
        }
        this.bytesPerSecond = bytesPerSecond;
        this.nanoTime = nanoTime;
        this.free = nanoTime.getAsLong();
    }

    /** Books bytes that have passed; yields for how many nanoseconds nothing more may. */
    synchronized long take(int bytes) {
        long now = nanoTime.getAsLong();
        free = Math.max(free, now - BURST);
        free += bytes * SECOND / bytesPerSecond;
        return Math.max(0, free - now);
    }

    /** The stream's bytes, at this rate. */
    InputStream pace(InputStream stream) {
        return new FilterInputStream(stream) {

            @Override
            public int read() throws IOException {
                byte[] one = new byte[1];
                return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
            }

            @Override
            public int read(byte[] target, int offset, int length) throws IOException {
                int count = super.read(target, offset, Math.min(length, SLICE));
                if (count > 0) {
                    await(take(count));
                }
                return count;
            }
        };
    }

    private static void await(long nanos) {
        if (nanos <= 0) {
            return;
        }
        try {
            TimeUnit.NANOSECONDS.sleep(nanos);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CairnException(
                    ErrorCode.STORE_UNREACHABLE,
                    "a copy was interrupted",
                    "this process was told to stop",
                    e);
        }
    }
}
