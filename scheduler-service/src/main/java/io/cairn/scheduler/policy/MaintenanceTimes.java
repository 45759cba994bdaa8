package io.cairn.scheduler.policy;

import io.cairn.model.policy.MaintenanceKind;
import io.cairn.model.policy.MaintenanceSchedule;
import java.time.Duration;

/**
 * When maintenance of one kind is due. Only the latest missed time is caught up.
 *
 * @param startDeadline how long after its due time the work may still start
 */
public record MaintenanceTimes(MaintenanceKind kind, CronTimes times, Duration startDeadline) {

    static MaintenanceTimes of(MaintenanceSchedule schedule) {
        return new MaintenanceTimes(
                schedule.kind(), CronTimes.parse(schedule.cron()), schedule.startDeadline());
    }

    /** How the scheduler's memory calls it. */
    public String id() {
        return "maintenance/" + kind.id();
    }
}
