package io.cairn.events;

import java.time.Instant;

/** Every tier's objectives are due to be compared with what is. */
public record MonitoringCheckDue(Instant dueAt, Instant startDeadline) implements MaintenanceDue {

    @Override
    public String deterministicId() {
        return "maintenance:monitoring-check:" + dueAt;
    }
}
