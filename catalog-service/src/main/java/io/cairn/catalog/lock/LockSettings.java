package io.cairn.catalog.lock;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.time.Duration;

/** How the locks of complete backups are extended. */
@ConfigMapping(prefix = "cairn.catalog.lock")
interface LockSettings {

    /**
     * The longest time from a full backup to the last one that builds on it: a backup is locked for
     * its retention and this. At least {@code cairn.executor.chain.age} of the executors.
     */
    @WithDefault("2d")
    Duration chain();

    /** Objects of one copy that are locked at once, 1 to 256. */
    @WithDefault("8")
    int parallel();

    /**
     * In this time every locked copy is looked at once more, object by object: a key may have been
     * wrapped anew, or a part been repaired.
     */
    @WithDefault("7d")
    Duration look();

    /** How long a store is believed to enforce locks once it was seen to. */
    @WithDefault("1d")
    Duration probe();
}
