package io.cairn.replication.region;

import io.cairn.model.error.CairnException;
import io.cairn.model.error.ErrorCode;
import io.cairn.service.config.SettingLimits;
import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.time.Duration;

/** When a store is left. */
@ConfigMapping(prefix = "cairn.regions")
interface RegionSettings {

    /** How long observers see a store take nothing before it is left; 1 second to 1 hour. */
    @WithDefault("30s")
    Duration failoverAfter();

    /** How often this service tries every store; 100 ms to 1 minute. */
    @WithDefault("5s")
    Duration probeEvery();

    /**
     * How long ago an object was stored at least that a store which is to return must not lack; 0
     * to 1 hour.
     */
    @WithDefault("30s")
    Duration settle();

    /**
     * @throws CairnException {@link ErrorCode#CONFIG_INVALID}
     */
    default RegionSettings checked() {
        SettingLimits limits = new SettingLimits("cairn.regions");
        limits.within(
                "failover-after", failoverAfter(), Duration.ofSeconds(1), Duration.ofHours(1));
        limits.within("probe-every", probeEvery(), Duration.ofMillis(100), Duration.ofMinutes(1));
        limits.within("settle", settle(), Duration.ZERO, Duration.ofHours(1));
        return this;
    }
}
