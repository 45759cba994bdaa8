package io.cairn.catalog.retention;

import java.time.Duration;

/**
 * What a clean-up does not do by itself, and how careful it is.
 *
 * @param share of a cluster's backups, or of its bytes, that it may remove at once, above 0 to 1
 * @param clockSkew how far its clock may be from a store's
 * @param orphanAge how long nothing was written to an attempt before it is taken for given up
 * @param pieceAge how long a piece stays beside the segment that covers it: longer than its lock
 */
public record RetentionGuards(
        double share, Duration clockSkew, Duration orphanAge, Duration pieceAge) {

    public static final RetentionGuards DEFAULT =
            new RetentionGuards(
                    0.25, Duration.ofMinutes(5), Duration.ofDays(7), Duration.ofHours(25));

    public RetentionGuards {
        if (!(share > 0 && share <= 1)) {
            throw new IllegalArgumentException("share must be above 0 and at most 1");
        }
    }
}
