package io.cairn.bench.month;

import io.cairn.bench.Installation;
import io.cairn.config.CairnConfig;
import io.cairn.events.BackupDue;
import io.cairn.events.DueCause;
import io.cairn.executor.basebackup.BackupRuns;
import io.cairn.executor.basebackup.PipelineSettings;
import io.cairn.executor.basebackup.RunEnvironment;
import io.cairn.executor.basebackup.RunOutcome;
import io.cairn.executor.basebackup.RunSettings;
import io.cairn.executor.basebackup.postgres.PostgresSource;
import io.cairn.executor.publish.RunEvents;
import io.cairn.model.BackupKind;
import io.cairn.model.BackupLabel;
import io.cairn.model.RunId;
import io.cairn.model.StoreName;
import io.cairn.model.Tier;
import io.cairn.storage.ObjectStore;
import java.time.Duration;
import java.time.Instant;
import java.util.function.Function;

/** Executors' backups, in this JVM and in the month's time. */
final class Executors {

    private static final RunSettings SETTINGS =
            RunSettings.DEFAULT.withAttempts(3).withRetryPause(Duration.ofSeconds(5));

    private final CairnConfig config;
    private final BackupRuns runs;

    Executors(
            Installation installation,
            Function<StoreName, ObjectStore> stores,
            SimulatedClock clock) {
        config = installation.config();
        runs =
                new BackupRuns(
                        config,
                        stores,
                        PostgresSource::new,
                        SETTINGS,
                        PipelineSettings.DEFAULT,
                        RunEnvironment.of("month").withClock(clock));
    }

    /** Does what is due; how it ended is the answer, also where it failed. */
    RunOutcome run(BackupKind kind, Instant due) throws InterruptedException {
        Tier tier = config.cluster(Source.CLUSTER).tier();
        return runs.run(
                new BackupDue(
                        new RunId(Source.CLUSTER, BackupLabel.of(due, kind)),
                        tier,
                        due,
                        due.plus(Duration.ofHours(6)),
                        DueCause.REQUESTED,
                        config.policy(tier).run()),
                RunEvents.NONE);
    }
}
