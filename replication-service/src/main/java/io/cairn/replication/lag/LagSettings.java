package io.cairn.replication.lag;

import io.cairn.model.error.CairnException;
import io.cairn.model.error.ErrorCode;
import io.cairn.service.config.SettingLimits;
import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.time.Duration;

/** When a copy that is behind is told of. */
@ConfigMapping(prefix = "cairn.replication.lag")
public interface LagSettings {

    /** A copy that is behind by more is told of; the requirement's limit. 1 second to 1 day. */
    @WithDefault("60s")
    Duration threshold();

    /** How often the lag is looked at; 100 ms to 1 minute. */
    @WithDefault("5s")
    Duration every();

    /** While a copy stays behind, it is told again after this time; 1 minute to 1 day. */
    @WithDefault("15m")
    Duration reminder();

    /**
     * @throws CairnException {@link ErrorCode#CONFIG_INVALID}
     */
    default LagSettings checked() {
        SettingLimits limits = new SettingLimits("cairn.replication.lag");
        limits.within("threshold", threshold(), Duration.ofSeconds(1), Duration.ofDays(1));
        limits.within("every", every(), Duration.ofMillis(100), Duration.ofMinutes(1));
        limits.within("reminder", reminder(), Duration.ofMinutes(1), Duration.ofDays(1));
        return this;
    }
}
