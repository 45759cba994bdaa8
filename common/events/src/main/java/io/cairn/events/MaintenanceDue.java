package io.cairn.events;

import java.time.Instant;

/** Work that is due for the platform rather than for a cluster. */
public sealed interface MaintenanceDue extends CairnEvent
        permits ValidationDue, MonitoringCheckDue, RetentionCleanupDue, SyncValidationDue {

    Instant dueAt();

    /** The work is skipped when it cannot start before. */
    Instant startDeadline();
}
