package io.cairn.validator.daily;

import io.cairn.model.error.CairnException;
import io.cairn.model.error.ErrorCode;
import io.cairn.service.config.SettingLimits;
import java.time.Duration;

/**
 * How often stored backups are read again.
 *
 * @param every how many days after another each backup is read in each store
 * @param bytesMax stored bytes of a cluster's backups that are read in a store on one day
 */
public record RereadSettings(Duration every, long bytesMax) {

    private static final Duration EVERY_MAX = Duration.ofDays(3650);

    /**
     * @throws CairnException {@link ErrorCode#CONFIG_INVALID}
     */
    public RereadSettings {
        SettingLimits limits = new SettingLimits("cairn.validator.reread");
        limits.within("every", every, Duration.ofDays(1), EVERY_MAX);
        limits.within("bytes-per-day", bytesMax, 1L, Long.MAX_VALUE);
    }
}
