package io.cairn.model.policy;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Locale;

/** The work that is due for the platform rather than for a cluster. */
public enum MaintenanceKind {
    VALIDATION,
    MONITORING_CHECK,
    RETENTION_CLEANUP,
    SYNC_VALIDATION;

    /** As configuration and events write it: {@code monitoring-check}. */
    @JsonValue
    public String id() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    @JsonCreator
    public static MaintenanceKind parse(String id) {
        return valueOf(id.toUpperCase(Locale.ROOT).replace('-', '_'));
    }
}
