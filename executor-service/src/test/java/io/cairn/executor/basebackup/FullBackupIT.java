package io.cairn.executor.basebackup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cairn.config.ClusterConfig;
import io.cairn.events.BackupCompleted;
import io.cairn.events.BackupDue;
import io.cairn.events.BackupFailed;
import io.cairn.executor.basebackup.postgres.PostgresSource;
import io.cairn.executor.platform.Dues;
import io.cairn.executor.platform.Platform;
import io.cairn.executor.platform.PlatformExtension;
import io.cairn.executor.platform.SourceServer;
import io.cairn.executor.platform.StoredBackup;
import io.cairn.model.BackupKind;
import io.cairn.model.ClusterName;
import io.cairn.model.RunId;
import io.cairn.model.SystemIdentifier;
import io.cairn.model.Tier;
import io.cairn.model.backup.BackupLayout;
import io.cairn.model.backup.ClusterRoot;
import io.cairn.model.backup.CommitObject;
import io.cairn.model.error.ErrorCategory;
import io.cairn.model.error.ErrorCode;
import io.cairn.storage.ObjectStore;
import io.cairn.storage.s3.S3ObjectStore;
import io.cairn.testing.StoreFault;
import io.cairn.testing.StoreOperation;
import java.security.SecureRandom;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The run against a real server and a real store, with the executor's own rights there. */
@ExtendWith(PlatformExtension.class)
class FullBackupIT {

    /** Each test has a due time of its own. */
    private static final AtomicInteger DUES = new AtomicInteger();

    private static final Instant FIRST = Instant.parse("2026-11-01T00:00:00Z");

    private final ToldEvents events = new ToldEvents();
    private final AtomicLong received = new AtomicLong();
    private final Platform platform;
    private ObjectStore executors;
    private Runnable atBytes = () -> {};
    private long atBytesReceived = Long.MAX_VALUE;

    FullBackupIT(Platform platform) {
        this.platform = platform;
        this.executors = S3ObjectStore.open(platform.config().store(Platform.PRIMARY));
    }

    @BeforeEach
    void reopen() {
        executors.close();
        executors = S3ObjectStore.open(platform.config().store(Platform.PRIMARY));
    }

    @AfterEach
    void heal() {
        platform.proxy().heal();
        executors.close();
    }

    @ParameterizedTest
    @ValueSource(ints = {6, 9})
    void aBackupHoldsExactlyWhatTheServersManifestLists(int gzipLevel) throws Exception {
        BackupDue due = due("shop", gzipLevel);

        RunOutcome outcome = run(due, RunSettings.DEFAULT);

        assertThat(outcome).as(() -> events.all().toString()).isInstanceOf(RunOutcome.Taken.class);
        StoredBackup stored = stored(due, platform.source());
        assertThat(stored.differences()).isEmpty();
        CommitObject commit = stored.commit();
        assertThat(commit.gzipLevel()).isEqualTo(gzipLevel);
        assertThat(commit.majorVersion()).isEqualTo(18);
        assertThat(commit.archives()).hasSize(2);
        assertThat(commit.archives().getLast().volumes()).hasSizeGreaterThan(1);
        assertThat(commit.damaged()).isFalse();
        assertThat(commit.settings()).containsKeys("max_connections", "max_wal_senders");
        assertThat(stored.index().archive("base.tar").orElseThrow().entries())
                .anyMatch(entry -> entry.path().matches("pg_wal/[0-9A-F]{24}"));
        assertThat(events.last()).isInstanceOf(BackupCompleted.class);
    }

    @Test
    void postgresql15IsBackedUpTheSameWay() throws Exception {
        SourceServer old = platform.old();
        BackupDue due = due("old", 6);

        RunOutcome outcome = run(due, RunSettings.DEFAULT);

        assertThat(outcome).as(() -> events.all().toString()).isInstanceOf(RunOutcome.Taken.class);
        StoredBackup stored = stored(due, old);
        assertThat(stored.commit().majorVersion()).isEqualTo(15);
        assertThat(stored.differences()).isEmpty();
    }

    @Test
    void theExecutorCannotReadWhatItStores() throws Exception {
        BackupDue due = due("shop", 6);
        run(due, RunSettings.DEFAULT);
        CommitObject commit = stored(due, platform.source()).commit();

        assertThat(executors.head(commit.index().key())).isPresent();
        assertThatThrownBy(() -> executors.read(commit.index()))
                .hasFieldOrPropertyWithValue("code", ErrorCode.STORE_ACCESS_DENIED);
    }

    @ParameterizedTest
    @ValueSource(longs = {0, 10_000_000, 28_000_000})
    void aSourceThatEndsTheSessionCostsAnAttemptAndNoBackup(long bytes) throws Exception {
        BackupDue due = due("shop", 6);
        atBytesReceived = bytes;
        atBytes = () -> endBackups(platform.source());

        RunOutcome outcome = run(due, RunSettings.DEFAULT.withRetryPause(Duration.ofMillis(10)));

        assertThat(outcome).isInstanceOf(RunOutcome.Taken.class);
        BackupFailed failed = events.only(BackupFailed.class);
        assertThat(failed.code().category()).isEqualTo(ErrorCategory.TRANSIENT);
        assertThat(failed.retried()).isTrue();
        assertThat(stored(due, platform.source()).differences()).isEmpty();
    }

    @Test
    void aServerThatIsKilledLeavesNoBackup() throws Exception {
        BackupDue due = due("shop", 6);
        atBytesReceived = 20_000_000;
        atBytes = () -> platform.source().server().kill();
        try {
            RunOutcome outcome = run(due, RunSettings.DEFAULT.withAttempts(1));
            assertThat(outcome).isInstanceOf(RunOutcome.Failed.class);
            assertThat(events.only(BackupFailed.class).code())
                    .isEqualTo(ErrorCode.POSTGRES_CONNECTION_LOST);
        } finally {
            platform.source().server().start();
        }
        assertThat(isCommitted(due)).isFalse();

        assertThat(run(due, RunSettings.DEFAULT)).isInstanceOf(RunOutcome.Taken.class);
        assertThat(stored(due, platform.source()).differences()).isEmpty();
    }

    @Test
    void aStoreThatRefusesAnyRequestLeavesNoBackup() throws Exception {
        int refused = 0;
        while (true) {
            BackupDue due = due("shop", 6);
            ToldEvents told = new ToldEvents();
            platform.proxy().forget();
            platform.proxy()
                    .inject(
                            new StoreFault.Refuse(403, "AccessDenied"),
                            refused,
                            1,
                            request -> request.accessKeyId().equals("executor"));

            RunOutcome outcome = run(due, RunSettings.DEFAULT.withAttempts(1), told);

            platform.proxy().heal();
            if (outcome instanceof RunOutcome.Taken) {
                break;
            }
            refused++;
            assertThat(told.only(BackupFailed.class).code())
                    .as("request %d", refused)
                    .isEqualTo(ErrorCode.STORE_ACCESS_DENIED);
            assertThat(isCommitted(due)).as("request %d", refused).isFalse();
        }
        assertThat(refused).isGreaterThan(8);
    }

    @Test
    void aCommitWhoseAnswerIsLostIsOneBackup() throws Exception {
        BackupDue due = due("shop", 6);
        platform.proxy()
                .inject(
                        new StoreFault.LoseResponse(),
                        1,
                        StoreFault.on(StoreOperation.CREATE, due.run().label() + "/backup.json"));

        RunOutcome outcome = run(due, RunSettings.DEFAULT);

        assertThat(outcome).isInstanceOf(RunOutcome.Taken.class);
        assertThat(events.all(BackupFailed.class)).isEmpty();
        assertThat(stored(due, platform.source()).differences()).isEmpty();
    }

    @Test
    void theStallOfAHolderIsSeenByItsSession() throws Exception {
        PostgresSource source = new PostgresSource(cluster("shop"));
        RunId holder = due("shop", 6).run();
        try (SourceSession one = source.connect(holder);
                SourceSession two = source.connect(due("shop", 6).run())) {
            assertThat(one.tryFence()).isTrue();
            assertThat(two.tryFence()).isFalse();
            FenceHolder seen = two.fenceHolder().orElseThrow();
            assertThat(seen.applicationName()).isEqualTo(holder.toString());
            assertThat(seen.connectedAt()).isPresent();
            assertThat(seen.activity().lastCommandAt()).isPresent();
            assertThat(seen).as("stands still").isEqualTo(two.fenceHolder().orElseThrow());

            assertThat(one.holdsFence()).isTrue();
            assertThat(two.fenceHolder().orElseThrow()).as("has moved").isNotEqualTo(seen);

            assertThat(two.endFenceHolder(seen)).isTrue();
            assertThat(two.tryFence()).isTrue();
            assertThatThrownBy(one::holdsFence)
                    .hasFieldOrPropertyWithValue("code", ErrorCode.POSTGRES_CONNECTION_LOST);
        }
    }

    private static void endBackups(SourceServer source) {
        try {
            source.endBackups();
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    private static BackupDue due(String cluster, int gzipLevel) {
        Instant dueAt = FIRST.plusSeconds(DUES.incrementAndGet());
        return Dues.of(
                new ClusterName(cluster),
                Tier.OLTP,
                BackupKind.FULL,
                dueAt,
                Platform.PRIMARY,
                gzipLevel);
    }

    private RunOutcome run(BackupDue due, RunSettings settings) throws InterruptedException {
        return run(due, settings, events);
    }

    private RunOutcome run(BackupDue due, RunSettings settings, ToldEvents told)
            throws InterruptedException {
        Function<ClusterConfig, Source> sources = PostgresSource::new;
        return new BackupRuns(
                        platform.config(),
                        name -> executors,
                        sources,
                        settings,
                        PipelineSettings.DEFAULT,
                        new RunEnvironment("test/1", RunClock.SYSTEM, new SecureRandom(), meter()))
                .run(due, told);
    }

    /** Does something once, when so many bytes have come. */
    private BackupMeter meter() {
        return new BackupMeter() {
            @Override
            public void received(ClusterName cluster, long bytes) {
                long before = received.getAndAdd(bytes);
                if (before <= atBytesReceived && before + bytes > atBytesReceived) {
                    atBytes.run();
                }
            }

            @Override
            public void stored(ClusterName cluster, long bytes) {}
        };
    }

    private ClusterConfig cluster(String name) {
        return platform.config().cluster(new ClusterName(name));
    }

    private boolean isCommitted(BackupDue due) throws SQLException {
        return platform.store().head(layout(due, platform.source()).commit()).isPresent();
    }

    private StoredBackup stored(BackupDue due, SourceServer source) throws SQLException {
        return StoredBackup.open(
                platform.store(),
                layout(due, source),
                platform.recipient(),
                platform.trustAnchor());
    }

    private static BackupLayout layout(BackupDue due, SourceServer source) throws SQLException {
        SystemIdentifier system =
                SystemIdentifier.parse(
                        source.ask("SELECT system_identifier FROM pg_control_system()"));
        return new BackupLayout(new ClusterRoot(due.cluster(), system), due.run().label());
    }
}
