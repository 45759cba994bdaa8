package io.cairn.model.policy;

import io.cairn.model.Tier;
import java.time.Duration;
import java.util.List;

/**
 * The promise of one tier.
 *
 * @param pointInTimeWindow how far back any moment can be restored
 * @param run what every run of the tier is told
 * @param schedules when which kind is due
 */
public record TierPolicy(
        Tier tier, Duration pointInTimeWindow, RunPolicy run, List<BackupSchedule> schedules) {

    public TierPolicy {
        schedules = List.copyOf(schedules);
    }
}
