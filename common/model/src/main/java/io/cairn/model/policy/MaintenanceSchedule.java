package io.cairn.model.policy;

import java.time.Duration;

/**
 * When maintenance of one kind is due. After downtime only the latest missed time is caught up.
 *
 * @param cron five fields of Unix cron, in UTC
 */
public record MaintenanceSchedule(MaintenanceKind kind, String cron, Duration startDeadline) {}
