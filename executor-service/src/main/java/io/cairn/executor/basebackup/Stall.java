package io.cairn.executor.basebackup;

import java.time.Duration;
import java.time.Instant;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Tells whether the holder of a fence stands still: its session is the same, the server waits for
 * it rather than it for the server, and neither the bytes it has taken, nor its commands, nor the
 * number of its backup's objects have changed for the stall timeout. For one thread.
 */
final class Stall {

    /** Listing a large backup takes many calls: it is done this many times in a stall timeout. */
    private static final int LISTINGS = 4;

    private final Duration timeout;
    private @Nullable FenceHolder last;
    private long objects = -1;
    private Instant countedAt = Instant.MIN;
    private Instant movedAt = Instant.MIN;

    Stall(Duration timeout) {
        this.timeout = timeout;
    }

    /**
     * Notes what is seen of the holder now and says whether it has stood still for too long.
     *
     * @param count counts the objects under the label's prefix in the store
     */
    boolean stands(FenceHolder holder, LongSupplier count, Instant now) {
        if (!holder.equals(last) || holder.activity().serverWorks()) {
            last = holder;
            movedAt = now;
        }
        if (!now.isBefore(countedAt.plus(timeout.dividedBy(LISTINGS)))) {
            long counted = count.getAsLong();
            countedAt = now;
            if (counted != objects) {
                objects = counted;
                movedAt = now;
            }
        }
        return !now.isBefore(movedAt.plus(timeout));
    }
}
