package io.cairn.events;

import java.time.Instant;

/** The copies in all regions are due to be compared. */
public record SyncValidationDue(Instant dueAt, Instant startDeadline) implements MaintenanceDue {

    @Override
    public String deterministicId() {
        return "maintenance:sync-validation:" + dueAt;
    }
}
