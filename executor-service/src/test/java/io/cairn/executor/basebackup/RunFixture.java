package io.cairn.executor.basebackup;

import io.cairn.archive.ArchiveSettings;
import io.cairn.config.ClusterConfig;
import io.cairn.config.ClusterConfig.Tls;
import io.cairn.config.ClusterConfig.TlsMode;
import io.cairn.config.HostPort;
import io.cairn.events.BackupDue;
import io.cairn.events.DueCause;
import io.cairn.events.region.Regions;
import io.cairn.executor.platform.StoredBackup;
import io.cairn.executor.publish.RunEvents;
import io.cairn.model.BackupKind;
import io.cairn.model.BackupLabel;
import io.cairn.model.ClusterName;
import io.cairn.model.RunId;
import io.cairn.model.StoreName;
import io.cairn.model.Tier;
import io.cairn.model.backup.BackupLayout;
import io.cairn.model.backup.ClusterRoot;
import io.cairn.model.policy.RunPolicy;
import io.cairn.storage.FakeObjectStore;
import io.cairn.storage.ObjectStore;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/** A run with everything around it faked but the archive format. */
final class RunFixture {

    static final ClusterName CLUSTER = new ClusterName("shop");
    static final BackupLabel LABEL = BackupLabel.of(TestClock.START, BackupKind.FULL);
    static final RunId RUN = new RunId(CLUSTER, LABEL);
    static final BackupLayout LAYOUT =
            new BackupLayout(new ClusterRoot(CLUSTER, TestBackup.SYSTEM), LABEL);
    static final TestKeys KEYS = TestKeys.create(TestClock.START);

    /** Volumes as small as they may be, so that a small backup has many. */
    private static final ArchiveSettings ARCHIVES =
            ArchiveSettings.defaults()
                    .withCompressors(2)
                    .withBlockBytes(64 << 10)
                    .withVolumeBytes(128 << 10)
                    .withVolumesInFlight(2);

    final FakeCluster cluster;
    final FakeObjectStore store = FakeObjectStore.plain("primary");
    final TestClock clock = new TestClock();
    final ToldEvents events = new ToldEvents();
    RunSettings settings = RunSettings.DEFAULT;
    ClusterConfig config =
            new ClusterConfig(
                    CLUSTER,
                    Tier.OLTP,
                    List.of(HostPort.parse("fake:5432")),
                    "cairn",
                    Optional.empty(),
                    "postgres",
                    new Tls(TlsMode.DISABLE, Optional.empty()),
                    Optional.empty());

    RunFixture(TestBackup backup) {
        cluster = new FakeCluster(backup);
    }

    RunFixture() {
        this(TestBackup.of(400_000));
    }

    static BackupDue due(DueCause cause) {
        return new BackupDue(
                RUN,
                Tier.OLTP,
                TestClock.START,
                TestClock.START.plus(Duration.ofHours(1)),
                cause,
                policy("primary"));
    }

    static BackupDue due() {
        return due(DueCause.SCHEDULED);
    }

    static RunPolicy policy(String store) {
        return new RunPolicy(
                Duration.ofDays(90),
                Duration.ofMinutes(15),
                Duration.ofMinutes(15),
                List.of(new StoreName(store)),
                6,
                RunPolicy.VOLUME_BYTES_MIN);
    }

    RunOutcome run() throws InterruptedException {
        return run(due());
    }

    RunOutcome run(BackupDue due) throws InterruptedException {
        return on(store, events).run(due);
    }

    FullBackupRun on(ObjectStore target, ToldEvents told) {
        FullBackup backup =
                new FullBackup(
                        config,
                        target,
                        KEYS.ofExecutor(),
                        ARCHIVES,
                        settings.progressEvery(),
                        new RunEnvironment("test/1", clock, new SecureRandom(), BackupMeter.NONE));
        return new FullBackupRun(cluster, backup, told, settings);
    }

    /** Into the first of several stores that is in service. */
    FullBackupRun onAll(
            List<? extends ObjectStore> targets, Supplier<Regions> regions, RunEvents told) {
        FullBackup backup =
                new FullBackup(
                        config,
                        targets.getFirst(),
                        KEYS.ofExecutor(),
                        ARCHIVES,
                        settings.progressEvery(),
                        new RunEnvironment("test/1", clock, new SecureRandom(), BackupMeter.NONE));
        Destinations stores =
                new Destinations(List.copyOf(targets), regions, settings.failoverAfter(), clock);
        return new FullBackupRun(cluster, stores, backup, told, settings);
    }

    boolean isCommitted() {
        return store.keys().contains(LAYOUT.commit());
    }

    StoredBackup stored() {
        return StoredBackup.open(store, LAYOUT, KEYS.recipient(), KEYS.anchor());
    }
}
