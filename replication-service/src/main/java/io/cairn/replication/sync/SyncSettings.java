package io.cairn.replication.sync;

import io.cairn.model.error.CairnException;
import io.cairn.model.error.ErrorCode;
import io.cairn.service.config.SettingLimits;
import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.time.Duration;

/** How closely the stores are compared when it is due. */
@ConfigMapping(prefix = "cairn.replication.sync")
public interface SyncSettings {

    /** In this time every byte of every store is read once; 1 to 366 days. */
    @WithDefault("30d")
    Duration reread();

    /** In this time the digest of every object is compared by its metadata; 1 to 366 days. */
    @WithDefault("14d")
    Duration digests();

    /** How many days of turns one comparison does: the time from one to the next; 1 to 366 days. */
    @WithDefault("7d")
    Duration window();

    /** Objects that are looked at at once; 1 to 64. */
    @WithDefault("8")
    int parallel();

    /**
     * How long after it was stored an object may be missing elsewhere without being a difference; 1
     * second to 1 day.
     */
    @WithDefault("10m")
    Duration settle();

    /** How long a comparison is tried that a store breaks off; 1 minute to 2 days. */
    @WithDefault("6h")
    Duration giveUp();

    /**
     * @throws CairnException {@link ErrorCode#CONFIG_INVALID}
     */
    default SyncSettings checked() {
        SettingLimits limits = new SettingLimits("cairn.replication.sync");
        limits.within("reread", reread(), Duration.ofDays(1), Duration.ofDays(366));
        limits.within("digests", digests(), Duration.ofDays(1), Duration.ofDays(366));
        limits.within("window", window(), Duration.ofDays(1), Duration.ofDays(366));
        limits.within("parallel", parallel(), 1, 64);
        limits.within("settle", settle(), Duration.ofSeconds(1), Duration.ofDays(1));
        limits.within("give-up", giveUp(), Duration.ofMinutes(1), Duration.ofDays(2));
        return this;
    }
}
