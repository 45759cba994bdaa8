package io.cairn.bench;

import io.cairn.archive.gzip.GzipCodec;
import io.cairn.events.BackupDue;
import io.cairn.events.DueCause;
import io.cairn.executor.basebackup.BackupRuns;
import io.cairn.executor.basebackup.PipelineSettings;
import io.cairn.executor.basebackup.RunEnvironment;
import io.cairn.executor.basebackup.RunOutcome;
import io.cairn.executor.basebackup.RunSettings;
import io.cairn.executor.basebackup.postgres.PostgresSource;
import io.cairn.executor.publish.CommittedBackup;
import io.cairn.executor.publish.RunEvents;
import io.cairn.model.BackupKind;
import io.cairn.model.BackupLabel;
import io.cairn.model.ClusterName;
import io.cairn.model.RunId;
import io.cairn.model.StoreName;
import io.cairn.model.Tier;
import io.cairn.model.backup.CommitObject;
import io.cairn.restore.backup.BackupLister;
import io.cairn.restore.backup.BackupReader;
import io.cairn.restore.contents.BackupContents;
import io.cairn.restore.contents.BackupOpener;
import io.cairn.restore.contents.ContentReader;
import io.cairn.restore.contents.ReadSettings;
import io.cairn.restore.engine.RestoreEngine;
import io.cairn.restore.engine.RestoreSettings;
import io.cairn.restore.plan.BackupSelection;
import io.cairn.restore.plan.RestorePlan;
import io.cairn.restore.plan.RestorePlanner;
import io.cairn.restore.plan.RestoreRequest;
import io.cairn.restore.recovery.RecoveryPlanner;
import io.cairn.storage.ObjectInfo;
import io.cairn.storage.s3.S3ObjectStore;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.stream.Stream;

/**
 * One cluster's backups as an executor takes them, and their restores: in this JVM, which lives for
 * all of them and has an executor's settings. Only the events are not published.
 */
public final class CairnRuns implements AutoCloseable {

    private static final ReadSettings READING =
            ReadSettings.defaults().withThreads(Machine.cores());

    private final Installation installation;
    private final ClusterName cluster;
    private final S3ObjectStore store;
    private final BackupRuns runs;
    private final BackupLister lister;
    private final RestoreEngine engine;

    private CairnRuns(
            Installation installation,
            ClusterName cluster,
            S3ObjectStore store,
            BackupRuns runs,
            BackupLister lister,
            RestoreEngine engine) {
        this.installation = installation;
        this.cluster = cluster;
        this.store = store;
        this.runs = runs;
        this.lister = lister;
        this.engine = engine;
    }

    public static CairnRuns of(
            Installation installation, ClusterName cluster, StoreName name, RunSettings settings) {
        S3ObjectStore store = S3ObjectStore.open(installation.config().store(name));
        return new CairnRuns(
                installation,
                cluster,
                store,
                new BackupRuns(
                        installation.config(),
                        _ -> store,
                        PostgresSource::new,
                        settings,
                        PipelineSettings.DEFAULT,
                        RunEnvironment.of("bench/" + ProcessHandle.current().pid())),
                new BackupLister(List.of(new BackupReader(store, installation.trustAnchor()))),
                new RestoreEngine(
                        new RestoreSettings(READING, RestoreSettings.SYNC_THREADS_DEFAULT)));
    }

    /**
     * Takes a backup with a fast checkpoint; at its return everything is durable in the store.
     *
     * @param due names it
     */
    public CommitObject take(BackupKind kind, Instant due) throws InterruptedException {
        Tier tier = installation.config().cluster(cluster).tier();
        BackupDue asked =
                new BackupDue(
                        new RunId(cluster, BackupLabel.of(due, kind)),
                        tier,
                        due,
                        Instant.now().plus(Duration.ofHours(1)),
                        DueCause.REQUESTED,
                        installation.config().policy(tier).run());
        return switch (runs.run(asked, RunEvents.NONE)) {
            case RunOutcome.Taken(CommittedBackup taken) -> taken.commit();
            case RunOutcome.Failed failed -> throw failed.failure();
            case RunOutcome other -> throw new IllegalStateException("the run ended as " + other);
        };
    }

    /** Restores a backup into a directory that is new; at its return every file is durable. */
    public void restore(CommitObject backup, Path directory) throws InterruptedException {
        restore(
                new RestorePlanner(lister, installation.identity(), GzipCodec.best())
                        .plan(
                                RestoreRequest.of(
                                        cluster,
                                        new BackupSelection.Labelled(backup.label()),
                                        directory)));
    }

    public void restore(RestorePlan plan) throws InterruptedException {
        engine.restore(plan, (_, _) -> {});
    }

    /** One backup's own contents, an incremental's not laid over anything. */
    public BackupContents open(CommitObject backup) {
        return new BackupOpener(store, installation.identity(), GzipCodec.best()).open(backup);
    }

    /** Reads contents with as many threads as a restore. */
    public ContentReader reader() {
        return new ContentReader(store, READING);
    }

    public RecoveryPlanner recoveryPlanner() {
        return new RecoveryPlanner(
                lister, List.of(store), installation.identity(), GzipCodec.best());
    }

    public S3ObjectStore store() {
        return store;
    }

    /** Removes all objects whose keys begin so. */
    public void remove(String prefix) {
        try (Stream<ObjectInfo> objects = store.list(prefix)) {
            objects.map(ObjectInfo::key).toList().forEach(store::delete);
        }
    }

    @Override
    public void close() {
        store.close();
    }
}
