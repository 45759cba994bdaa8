package io.cairn.catalog.retention;

import io.cairn.model.ClusterName;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Set;
import java.util.function.UnaryOperator;

/**
 * One due clean-up of all clusters. Where a store is away, its clusters' turn comes again, until
 * the clean-up may no longer start.
 */
final class CleanUpRounds {

    private final UnaryOperator<Set<ClusterName>> cleanUp;
    private final Duration retryPause;
    private final InstantSource clock;
    private final Pause pause;

    /** Lets time pass. */
    @FunctionalInterface
    interface Pause {
        void pass(Duration time) throws InterruptedException;
    }

    /**
     * @param cleanUp does what it can, and returns the clusters that a store kept from it
     */
    CleanUpRounds(
            UnaryOperator<Set<ClusterName>> cleanUp,
            Duration retryPause,
            InstantSource clock,
            Pause pause) {
        this.cleanUp = cleanUp;
        this.retryPause = retryPause;
        this.clock = clock;
        this.pause = pause;
    }

    /** Returns the clusters that are left over when no further round may begin. */
    Set<ClusterName> run(Set<ClusterName> clusters, Instant startDeadline)
            throws InterruptedException {
        Set<ClusterName> left = clusters;
        while (!left.isEmpty() && !clock.instant().isAfter(startDeadline)) {
            left = cleanUp.apply(left);
            if (!left.isEmpty()) {
                pause.pass(retryPause);
            }
        }
        return left;
    }
}
