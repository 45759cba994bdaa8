package io.cairn.model.policy;

import io.cairn.model.BackupKind;
import io.cairn.model.StoreName;
import io.cairn.model.Tier;
import io.cairn.model.archival.ArchiveMoment;
import io.cairn.model.archival.ArchiveRule;
import io.cairn.model.error.CairnException;
import io.cairn.model.error.ErrorCode;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * The promise of one tier.
 *
 * @param pointInTimeWindow how far back any moment can be restored
 * @param run what every run of the tier is told
 * @param schedules when which kind is due
 * @param wal how its clusters' WAL is stored
 * @param lock the mode of Object Lock that everything of it is stored under; absent for none
 * @param archive where and when its volumes are archived; of one store and kind at most one rule
 */
public record TierPolicy(
        Tier tier,
        Duration pointInTimeWindow,
        RunPolicy run,
        List<BackupSchedule> schedules,
        WalPolicy wal,
        Optional<ObjectLockMode> lock,
        List<ArchiveRule> archive) {

    /** S3's longest retention. */
    public static final Duration LOCK_MAX = Duration.ofDays(36_500);

    public TierPolicy {
        schedules = List.copyOf(schedules);
        archive = List.copyOf(archive);
        if (lock.isPresent() && run.retention().compareTo(LOCK_MAX) > 0) {
            throw new CairnException(
                    ErrorCode.CONFIG_INVALID,
                    "a lock of " + run.retention().toDays() + "d is longer than S3 knows",
                    "keep it for 36500d at most, or without a lock");
        }
        for (int index = 0; index < archive.size(); index++) {
            ArchiveRule rule = archive.get(index);
            requireSensible(rule, run);
            if (archive.subList(0, index).stream().anyMatch(rule::overlaps)) {
                throw invalid(
                        "archive has two rules for the same volumes in '" + rule.store() + "'",
                        "keep one of them, or give them different kinds");
            }
        }
    }

    /** Without an archive. */
    public TierPolicy(
            Tier tier,
            Duration pointInTimeWindow,
            RunPolicy run,
            List<BackupSchedule> schedules,
            WalPolicy wal,
            Optional<ObjectLockMode> lock) {
        this(tier, pointInTimeWindow, run, schedules, wal, lock, List.of());
    }

    /** Without a lock and an archive. */
    public TierPolicy(
            Tier tier,
            Duration pointInTimeWindow,
            RunPolicy run,
            List<BackupSchedule> schedules,
            WalPolicy wal) {
        this(tier, pointInTimeWindow, run, schedules, wal, Optional.empty());
    }

    /** With the WAL stored as the tier has it by default, and without a lock. */
    public TierPolicy(
            Tier tier, Duration pointInTimeWindow, RunPolicy run, List<BackupSchedule> schedules) {
        this(tier, pointInTimeWindow, run, schedules, WalPolicy.of(tier));
    }

    private static void requireSensible(ArchiveRule rule, RunPolicy run) {
        if (!run.copies().contains(rule.store())) {
            throw invalid(
                    "archive names '" + rule.store() + "', which is not among copies",
                    "the copies are in " + run.copies());
        }
        boolean atOnce = rule.after() instanceof ArchiveMoment.Upload;
        if (atOnce && rule.storageClass().archived() && rule.store().equals(run.active())) {
            throw invalid(
                    "archive puts the first copy in " + rule.storageClass() + " at upload",
                    "nothing could prove it there; name another of the copies, or write after: drill");
        }
        if (rule.after() instanceof ArchiveMoment.Age(Duration age)
                && age.compareTo(run.retention()) >= 0) {
            throw invalid(
                    "archive would move volumes after " + rule.after() + ", when they have expired",
                    "write a shorter time than the retention, " + run.retention().toDays() + "d");
        }
    }

    private static CairnException invalid(String message, String hint) {
        return new CairnException(ErrorCode.CONFIG_INVALID, message, hint);
    }

    /** What becomes of the volumes of one kind of backup in one of the copies. */
    public Optional<ArchiveRule> archive(StoreName store, BackupKind kind) {
        return archive.stream()
                .filter(rule -> rule.store().equals(store) && rule.covers(kind))
                .findFirst();
    }
}
