package io.cairn.replication.reconcile;

import io.cairn.model.error.CairnException;
import io.cairn.model.error.ErrorCode;
import io.cairn.service.config.SettingLimits;
import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.time.Duration;

/** How often the stores are compared by listing; the start always is. */
@ConfigMapping(prefix = "cairn.replication.reconcile")
public interface ReconcileSettings {

    /** From the end of one comparison to the begin of the next; 1 minute to 1 day. */
    @WithDefault("1h")
    Duration every();

    /** The same after one that a store broke off; 1 second to 1 hour. */
    @WithDefault("1m")
    Duration retry();

    /**
     * @throws CairnException {@link ErrorCode#CONFIG_INVALID}
     */
    default ReconcileSettings checked() {
        SettingLimits limits = new SettingLimits("cairn.replication.reconcile");
        limits.within("every", every(), Duration.ofMinutes(1), Duration.ofDays(1));
        limits.within("retry", retry(), Duration.ofSeconds(1), Duration.ofHours(1));
        return this;
    }
}
