package io.cairn.scheduler.policy;

import io.cairn.model.BackupKind;
import io.cairn.model.policy.BackupSchedule;
import io.cairn.model.policy.CatchUp;
import java.time.Duration;

/**
 * When one kind of backup is due.
 *
 * @param catchUp what becomes of due times that were missed
 * @param startDeadline how long after its due time a run may still start
 */
public record KindSchedule(
        BackupKind kind, CronTimes times, CatchUp catchUp, Duration startDeadline) {

    static KindSchedule of(BackupSchedule schedule) {
        return new KindSchedule(
                schedule.kind(),
                CronTimes.parse(schedule.cron()),
                schedule.catchUp(),
                schedule.startDeadline());
    }
}
