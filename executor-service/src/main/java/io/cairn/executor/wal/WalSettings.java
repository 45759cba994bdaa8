package io.cairn.executor.wal;

import java.time.Duration;

/**
 * The limits of a stream.
 *
 * @param segmentMemory for segments that are filled and stored, default 96 MiB; see {@link
 *     #segmentsInMemory}
 * @param pieces most pieces on their way to the store at once, 1 to 64, default 8
 * @param archivedEvery how often it is told at most what is stored, default 5 s
 * @param retryPause before a store or server that failed is tried again, default 200 ms; doubles up
 *     to {@code retryPauseMax}
 * @param retryPauseMax default 5 s
 * @param drainTimeout how long a stream that ends may go on storing what it has, default 20 s
 * @param slotPause what a taken slot is waited for, times the streams held and one, default 500 ms
 * @param retainedEvery how often the stores are compared for the retained slot, default 30 s
 * @param retainForAll whether the retained slot waits for every store of the policy; otherwise for
 *     the first alone
 * @param failoverAfter how long the store that is written to may fail before the next one of the
 *     policy is written to, default 30 s
 */
record WalSettings(
        long segmentMemory,
        int pieces,
        Duration archivedEvery,
        Duration retryPause,
        Duration retryPauseMax,
        Duration drainTimeout,
        Duration slotPause,
        Duration retainedEvery,
        boolean retainForAll,
        Duration failoverAfter) {

    static final Duration FAILOVER_AFTER = Duration.ofSeconds(30);

    private static final int MOST_SEGMENTS = 8;

    WalSettings {
        require(segmentMemory >= 1 << 20, "memory must be 1 MiB or more");
        require(pieces >= 1 && pieces <= 64, "pieces must be 1 to 64");
        require(archivedEvery.isPositive(), "archived-every must be positive");
        require(
                retryPause.isPositive() && retryPauseMax.compareTo(retryPause) >= 0,
                "retry-pause must be positive, retry-pause-max no shorter");
        require(!drainTimeout.isNegative(), "drain-timeout must not be negative");
        require(slotPause.isPositive(), "slot-pause must be positive");
        require(retainedEvery.isPositive(), "retained-every must be positive");
        require(failoverAfter.isPositive(), "failover-after must be positive");
    }

    /**
     * Segments of a stream that are in memory at once: the one that is filled and those on their
     * way. Each may be there twice, as it came and as it is stored, and its pieces once more: three
     * times this number times a segment's size is the most that a stream takes. 2 at least, 8 at
     * most; 3 of 16 MiB with the default.
     */
    int segmentsInMemory(int segmentBytes) {
        return Math.clamp(segmentMemory / (2L * segmentBytes), 2, MOST_SEGMENTS);
    }

    /** The most that a stream takes: see {@link #segmentsInMemory}. */
    long bytesInMemory(int segmentBytes) {
        return 3L * segmentsInMemory(segmentBytes) * segmentBytes;
    }

    WalSettings withRetainedEvery(Duration value) {
        return new WalSettings(
                segmentMemory,
                pieces,
                archivedEvery,
                retryPause,
                retryPauseMax,
                drainTimeout,
                slotPause,
                value,
                retainForAll,
                failoverAfter);
    }

    WalSettings withRetainForAll(boolean value) {
        return new WalSettings(
                segmentMemory,
                pieces,
                archivedEvery,
                retryPause,
                retryPauseMax,
                drainTimeout,
                slotPause,
                retainedEvery,
                value,
                failoverAfter);
    }

    WalSettings withFailoverAfter(Duration value) {
        return new WalSettings(
                segmentMemory,
                pieces,
                archivedEvery,
                retryPause,
                retryPauseMax,
                drainTimeout,
                slotPause,
                retainedEvery,
                retainForAll,
                value);
    }

    private static void require(boolean condition, String message) {
        if (!condition) {
            throw new IllegalArgumentException("cairn.executor.wal." + message);
        }
    }
}
