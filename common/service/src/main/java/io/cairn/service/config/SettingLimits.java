package io.cairn.service.config;

import io.cairn.model.error.CairnException;
import io.cairn.model.error.ErrorCode;

/**
 * Checks settings against their ranges. Immutable.
 *
 * @param prefix of the settings' names
 */
public record SettingLimits(String prefix) {

    /**
     * @throws CairnException {@link ErrorCode#CONFIG_INVALID} unless it is {@code min} to {@code
     *     max}
     */
    public <T extends Comparable<T>> void within(String name, T value, T min, T max) {
        if (value.compareTo(min) < 0 || value.compareTo(max) > 0) {
            throw invalid(name, min + " to " + max);
        }
    }

    /** {@link ErrorCode#CONFIG_INVALID}, to be thrown. */
    public CairnException invalid(String name, String range) {
        return new CairnException(
                ErrorCode.CONFIG_INVALID, prefix + "." + name + " is out of range", "use " + range);
    }
}
