package io.cairn.events;

import java.time.Instant;

/** Backups and their drills are due to be validated. */
public record ValidationDue(Instant dueAt, Instant startDeadline) implements MaintenanceDue {

    @Override
    public String deterministicId() {
        return "maintenance:validation:" + dueAt;
    }
}
