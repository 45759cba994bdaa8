package io.cairn.events;

import java.time.Instant;

/** Expired backups are due to be removed. */
public record RetentionCleanupDue(Instant dueAt, Instant startDeadline) implements MaintenanceDue {

    @Override
    public String deterministicId() {
        return "maintenance:retention-cleanup:" + dueAt;
    }
}
