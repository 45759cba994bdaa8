package io.cairn.executor.basebackup;

import io.cairn.archive.ArchiveSettings;
import io.cairn.config.CairnConfig;
import io.cairn.config.ClusterConfig;
import io.cairn.events.BackupDue;
import io.cairn.events.BackupFailed;
import io.cairn.events.region.Regions;
import io.cairn.executor.basebackup.postgres.PostgresSource;
import io.cairn.executor.publish.RunEvents;
import io.cairn.model.StoreName;
import io.cairn.model.error.CairnException;
import io.cairn.model.error.ErrorCode;
import io.cairn.model.policy.RunPolicy;
import io.cairn.storage.ObjectStore;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * Runs what is due: the whole of an executor without the service around it. Thread-safe; several
 * runs at once are several times the memory of one.
 */
public final class BackupRuns {

    private final CairnConfig config;
    private final Function<StoreName, ObjectStore> stores;
    private final Function<ClusterConfig, Source> sources;
    private final RunSettings settings;
    private final PipelineSettings pipeline;
    private final RunEnvironment environment;
    private final Supplier<Regions> regions;

    /**
     * @param stores opens the store of a name; who gives it closes it
     */
    public BackupRuns(
            CairnConfig config,
            Function<StoreName, ObjectStore> stores,
            Function<ClusterConfig, Source> sources,
            RunSettings settings,
            PipelineSettings pipeline,
            RunEnvironment environment) {
        this(config, stores, sources, settings, pipeline, environment, () -> Regions.NONE);
    }

    /**
     * @param stores opens the store of a name; who gives it closes it
     * @param regions which stores are in service, as far as is known now
     */
    public BackupRuns(
            CairnConfig config,
            Function<StoreName, ObjectStore> stores,
            Function<ClusterConfig, Source> sources,
            RunSettings settings,
            PipelineSettings pipeline,
            RunEnvironment environment,
            Supplier<Regions> regions) {
        this.regions = regions;
        this.config = config;
        this.stores = stores;
        this.sources = sources;
        this.settings = settings;
        this.pipeline = pipeline;
        this.environment = environment;
    }

    /** The configured clusters, everything else by default. */
    public BackupRuns(
            CairnConfig config,
            Function<StoreName, ObjectStore> stores,
            RunEnvironment environment) {
        this(
                config,
                stores,
                PostgresSource::new,
                RunSettings.DEFAULT,
                PipelineSettings.DEFAULT,
                environment);
    }

    /**
     * Does what the event asks for, to its end, as {@link FullBackupRun#run} does. What this
     * executor cannot do at all is told as a failure that is not tried again.
     *
     * @throws CairnException {@link ErrorCode#BROKER_UNREACHABLE} when the end could not be
     *     published in time
     * @throws InterruptedException when the executor stops
     */
    public RunOutcome run(BackupDue due, RunEvents events) throws InterruptedException {
        FullBackupRun run;
        try {
            run = prepare(due, events);
        } catch (CairnException e) {
            events.publish(
                    new BackupFailed(
                            due.run(),
                            due.tier(),
                            Optional.empty(),
                            environment.clock().instant(),
                            e.code(),
                            e.getMessage(),
                            e.hint(),
                            false));
            return new RunOutcome.Failed(e);
        }
        return run.run(due);
    }

    private FullBackupRun prepare(BackupDue due, RunEvents events) {
        ClusterConfig cluster = config.cluster(due.cluster());
        Destinations destinations =
                new Destinations(
                        due.policy().copies().stream().map(stores).toList(),
                        regions,
                        settings.failoverAfter(),
                        environment.clock());
        BackupKeys keys = BackupKeys.read(config.keys());
        FullBackup backup =
                new FullBackup(
                        cluster,
                        destinations.current(),
                        keys,
                        archives(due.policy()),
                        settings.progressEvery(),
                        environment);
        return new FullBackupRun(sources.apply(cluster), destinations, backup, events, settings);
    }

    private ArchiveSettings archives(RunPolicy policy) {
        return pipeline.archives(policy.gzipLevel(), Math.toIntExact(policy.volumeBytes()));
    }
}
