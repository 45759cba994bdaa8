package io.cairn.sync;

import java.time.Duration;

/**
 * Bounds of a comparison.
 *
 * @param parallel objects that are looked at at once, 1 or more
 * @param attempts how often a call is made that a store does not answer, 1 or more; each store
 *     retries its own calls besides
 * @param pause between two of them
 * @param settle how long after it was stored an object may be missing elsewhere: it is on its way
 */
public record SyncLimits(int parallel, int attempts, Duration pause, Duration settle) {

    public static final SyncLimits DEFAULT =
            new SyncLimits(8, 3, Duration.ofSeconds(2), Duration.ofMinutes(10));

    public SyncLimits {
        if (parallel < 1 || attempts < 1 || pause.isNegative() || settle.isNegative()) {
            throw new IllegalArgumentException(
                    "parallel %d, attempts %d, pause %s, settle %s"
                            .formatted(parallel, attempts, pause, settle));
        }
    }
}
