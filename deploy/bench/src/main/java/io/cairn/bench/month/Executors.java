package io.cairn.bench.month;

import io.cairn.bench.Installation;
import io.cairn.config.CairnConfig;
import io.cairn.events.BackupDue;
import io.cairn.events.DueCause;
import io.cairn.events.region.Regions;
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
import java.util.function.Supplier;

/** Executors' backups, in this JVM and in the month's time. */
final class Executors {

    private static final RunSettings SETTINGS =
            RunSettings.DEFAULT.withAttempts(3).withRetryPause(Duration.ofSeconds(5));

    private final CairnConfig config;
    private final Function<StoreName, ObjectStore> stores;
    private final Supplier<Regions> regions;
    private final SimulatedClock clock;

    /** Who know nothing of regions. */
    Executors(
            Installation installation,
            Function<StoreName, ObjectStore> stores,
            SimulatedClock clock) {
        this(installation, stores, () -> Regions.NONE, clock);
    }

    /**
     * @param regions what they know of them
     */
    Executors(
            Installation installation,
            Function<StoreName, ObjectStore> stores,
            Supplier<Regions> regions,
            SimulatedClock clock) {
        config = installation.config();
        this.stores = stores;
        this.regions = regions;
        this.clock = clock;
    }

    /** Does what is due; how it ended is the answer, also where it failed. */
    RunOutcome run(BackupKind kind, Instant due) throws InterruptedException {
        return run(BackupLabel.of(due, kind), stores);
    }

    /** Does once more what was done, since stores answer as before it was. */
    RunOutcome runAgain(BackupLabel label) throws InterruptedException {
        String commits = "/backups/" + label + "/backup.";
        return run(label, store -> new Unguarded.Stale(stores.apply(store), commits));
    }

    private RunOutcome run(BackupLabel label, Function<StoreName, ObjectStore> into)
            throws InterruptedException {
        Tier tier = config.cluster(Source.CLUSTER).tier();
        Instant due = label.due();
        BackupRuns runs =
                new BackupRuns(
                        config,
                        into,
                        PostgresSource::new,
                        SETTINGS,
                        PipelineSettings.DEFAULT,
                        RunEnvironment.of("month").withClock(clock),
                        regions);
        return runs.run(
                new BackupDue(
                        new RunId(Source.CLUSTER, label),
                        tier,
                        due,
                        clock.instant().plus(Duration.ofHours(6)),
                        DueCause.REQUESTED,
                        config.policy(tier).run()),
                RunEvents.NONE);
    }
}
