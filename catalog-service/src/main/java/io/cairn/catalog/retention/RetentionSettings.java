package io.cairn.catalog.retention;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.time.Duration;

/** How careful clean-ups are. */
@ConfigMapping(prefix = "cairn.catalog.retention")
interface RetentionSettings {

    /** Of a cluster's backups, or bytes, that a clean-up removes without being asked to. */
    @WithDefault("0.25")
    double share();

    /** How far this clock may be from a store's. */
    @WithDefault("5m")
    Duration clockSkew();

    /** An attempt without a commit object to which nothing was written for so long is given up. */
    @WithDefault("7d")
    Duration orphanAge();

    /** How long a piece stays beside the segment that covers it; longer than its lock. */
    @WithDefault("25h")
    Duration pieceAge();

    /** Before a cluster is tried again whose store was away. */
    @WithDefault("10m")
    Duration retryPause();

    default RetentionGuards guards() {
        return new RetentionGuards(share(), clockSkew(), orphanAge(), pieceAge());
    }
}
