package io.cairn.testing;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.time.Duration;

/** Yields bytes no faster than a given rate, measured from its first read. */
final class PacedInputStream extends FilterInputStream {

    /** How much may come at once: a tenth of a second's worth. */
    private final int burst;

    private final long bytesPerSecond;
    private long started;
    private long done;

    PacedInputStream(InputStream stream, long bytesPerSecond) {
        super(stream);
        this.bytesPerSecond = bytesPerSecond;
        this.burst = Math.clamp(bytesPerSecond / 10, 1, Integer.MAX_VALUE);
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] target, int offset, int length) throws IOException {
        pause();
        int count = super.read(target, offset, Math.min(length, burst));
        if (count > 0) {
            done += count;
        }
        return count;
    }

    private void pause() throws InterruptedIOException {
        if (done == 0) {
            started = System.nanoTime();
            return;
        }
        long due = started + (long) (done * 1e9 / bytesPerSecond);
        try {
            Thread.sleep(Duration.ofNanos(Math.max(0, due - System.nanoTime())));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted while pacing");
        }
    }
}
