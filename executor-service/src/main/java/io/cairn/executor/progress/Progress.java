package io.cairn.executor.progress;

import java.util.concurrent.atomic.LongAdder;

/** How far an attempt is, counted by whoever moves bytes and read by whoever tells. Thread-safe. */
public final class Progress {

    private final LongAdder received = new LongAdder();
    private final LongAdder stored = new LongAdder();
    private volatile long estimated;

    /**
     * @param receivedBytes tar bytes that came from the server
     * @param totalBytes the server's estimate of the whole, never less than what has come
     * @param storedBytes bytes that are durable in the store
     */
    public record Reading(long receivedBytes, long totalBytes, long storedBytes) {}

    /** The server's estimate, made before the first byte. */
    public void estimate(long bytes) {
        estimated = bytes;
    }

    public void received(long bytes) {
        received.add(bytes);
    }

    public void stored(long bytes) {
        stored.add(bytes);
    }

    public Reading read() {
        long done = received.sum();
        return new Reading(done, Math.max(done, estimated), stored.sum());
    }
}
