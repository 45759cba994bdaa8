package io.cairn.model.policy;

import io.cairn.model.BackupKind;
import java.time.Duration;

/**
 * When one kind of backup is due.
 *
 * @param kind what is taken
 * @param cron five fields of Unix cron, in UTC
 * @param catchUp what becomes of due times missed while the scheduler was down
 * @param startDeadline how long after its due time a run may still start
 */
public record BackupSchedule(
        BackupKind kind, String cron, CatchUp catchUp, Duration startDeadline) {

    public BackupSchedule {
        if (!startDeadline.isPositive()) {
            throw new IllegalArgumentException("startDeadline must be positive");
        }
    }
}
