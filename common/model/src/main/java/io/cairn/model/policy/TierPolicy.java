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
 * @param wal how its clusters' WAL is stored
 */
public record TierPolicy(
        Tier tier,
        Duration pointInTimeWindow,
        RunPolicy run,
        List<BackupSchedule> schedules,
        WalPolicy wal) {

    public TierPolicy {
        schedules = List.copyOf(schedules);
    }

    /** With the WAL stored as the tier has it by default. */
    public TierPolicy(
            Tier tier, Duration pointInTimeWindow, RunPolicy run, List<BackupSchedule> schedules) {
        this(tier, pointInTimeWindow, run, schedules, WalPolicy.of(tier));
    }
}
