package io.cairn.replication.wal;

import io.cairn.model.error.CairnException;
import io.cairn.model.error.ErrorCode;
import io.cairn.service.config.SettingLimits;
import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.time.Duration;

/** How WAL is kept the same in the stores of a policy. */
@ConfigMapping(prefix = "cairn.replication.wal")
public interface WalCopySettings {

    /** WAL objects on their way into one store at once; 1 to 64. Apart from those of backups. */
    @WithDefault("8")
    int parallel();

    /**
     * How often the newest WAL of two stores is compared when no event tells of any; 1 second to 10
     * minutes.
     */
    @WithDefault("30s")
    Duration every();

    /** How often all of it is, besides at the start; 1 minute to 7 days. */
    @WithDefault("1h")
    Duration compareEvery();

    /**
     * @throws CairnException {@link ErrorCode#CONFIG_INVALID}
     */
    default WalCopySettings checked() {
        SettingLimits limits = new SettingLimits("cairn.replication.wal");
        limits.within("parallel", parallel(), 1, 64);
        limits.within("every", every(), Duration.ofSeconds(1), Duration.ofMinutes(10));
        limits.within("compare-every", compareEvery(), Duration.ofMinutes(1), Duration.ofDays(7));
        return this;
    }
}
