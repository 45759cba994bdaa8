package io.cairn.catalog.rebuild;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.time.Duration;

/** How the buckets are read. */
@ConfigMapping(prefix = "cairn.catalog.rebuild")
interface RebuildSettings {

    /** Requests to one store at once, 1 to 256. */
    @WithDefault("16")
    int parallel();

    /**
     * A commit object younger than this is left to its executor's own event when the buckets are
     * looked through for backups that no event told of.
     */
    @WithDefault("1m")
    Duration grace();

    /** How long looking through the buckets waits until every event told so far is projected. */
    @WithDefault("10m")
    Duration patience();
}
