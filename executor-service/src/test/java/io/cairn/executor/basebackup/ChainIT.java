package io.cairn.executor.basebackup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.cairn.events.BackupDue;
import io.cairn.events.BackupFailed;
import io.cairn.events.BackupSuperseded;
import io.cairn.events.EventObject;
import io.cairn.events.ValidationFailed;
import io.cairn.executor.basebackup.postgres.PostgresSource;
import io.cairn.executor.platform.Dues;
import io.cairn.executor.platform.Platform;
import io.cairn.executor.platform.PlatformExtension;
import io.cairn.executor.platform.SourceServer;
import io.cairn.executor.platform.StoredBackup;
import io.cairn.model.BackupKind;
import io.cairn.model.ClusterName;
import io.cairn.model.Lsn;
import io.cairn.model.Tier;
import io.cairn.model.Timeline;
import io.cairn.model.backup.CommitObject;
import io.cairn.model.backup.CommitObject.ExecutorsManifest;
import io.cairn.model.error.ErrorCategory;
import io.cairn.model.error.ErrorCode;
import io.cairn.model.wal.LsnRange;
import io.cairn.model.wal.SegmentSize;
import io.cairn.model.wal.WalLayout;
import io.cairn.model.wal.WalSegment;
import io.cairn.storage.ObjectBody;
import io.cairn.storage.ObjectStore;
import io.cairn.storage.s3.S3ObjectStore;
import java.security.SecureRandom;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/** Incrementals, log backups and snapshots of real servers, with the executor's own rights. */
@ExtendWith(PlatformExtension.class)
class ChainIT {

    /** Each test has months of its own, so that no full of another is in its reach. */
    private static final AtomicInteger TESTS = new AtomicInteger();

    private static final ChainSettings CHAINS =
            new ChainSettings(
                    24, Duration.ofDays(2), Duration.ofSeconds(20), Duration.ofSeconds(3));

    private final Platform platform;
    private final ToldEvents events = new ToldEvents();
    private final Instant begin =
            Instant.parse("2027-01-01T00:00:00Z")
                    .plus(Duration.ofDays(30L * TESTS.incrementAndGet()));
    private ObjectStore executors;
    private RunSettings settings =
            RunSettings.DEFAULT.withRetryPause(Duration.ofMillis(10)).withChains(CHAINS);
    private BackupMeter meter = BackupMeter.NONE;

    ChainIT(Platform platform) {
        this.platform = platform;
        this.executors = S3ObjectStore.open(platform.config().store(Platform.PRIMARY));
    }

    @BeforeEach
    void reopen() {
        executors.close();
        platform.old();
        executors = S3ObjectStore.open(platform.config().store(Platform.PRIMARY));
    }

    @AfterEach
    void close() throws SQLException {
        executors.close();
        platform.forgetWal();
        summarize("on");
    }

    @Test
    void aChainOfIncrementalsIsTakenFromTheServer() throws Exception {
        CommitObject full = taken("shop", BackupKind.FULL, 0);
        change();
        CommitObject first = taken("shop", BackupKind.INCREMENTAL, 1);
        change();
        CommitObject second = taken("shop", BackupKind.INCREMENTAL, 2);

        assertThat(first.parent()).contains(full.label());
        assertThat(second.parent()).contains(first.label());
        assertThat(second.bytesIn()).isLessThan(full.bytesIn() / 2);
        assertThat(stored(first).differences()).isEmpty();
        assertThat(stored(second).differences()).isEmpty();
        assertThat(stored(second).index().archive("base.tar").orElseThrow().entries())
                .anyMatch(entry -> entry.path().contains("/INCREMENTAL."));
    }

    @Test
    void anExecutorOpensTheManifestThatIsMeantForItAndNoOther() throws Exception {
        CommitObject full = taken("shop", BackupKind.FULL, 0);

        ExecutorsManifest copy = full.executorsManifest().orElseThrow();
        assertThat(executors.read(copy.object())).isNotEmpty();
        assertThat(full.parts()).contains(copy.object(), copy.wrappedKey());
        assertThatThrownBy(() -> executors.read(full.key()))
                .hasFieldOrPropertyWithValue("code", ErrorCode.STORE_ACCESS_DENIED);
        assertThatThrownBy(() -> executors.read(full.index()))
                .hasFieldOrPropertyWithValue("code", ErrorCode.STORE_ACCESS_DENIED);
    }

    @Test
    void withoutWalSummariesALogBackupIsTaken() throws Exception {
        CommitObject full = taken("shop", BackupKind.FULL, 0);
        summarize("off");
        storeWal(platform.source(), full);

        CommitObject commit = taken("shop", BackupKind.INCREMENTAL, 1);

        assertThat(commit.kind()).isEqualTo(BackupKind.LOG);
        assertThat(commit.reason().orElseThrow()).contains("summarize_wal");
        assertThat(events.only(BackupSuperseded.class).reason()).isEqualTo(commit.reason());
    }

    @Test
    void anIncrementalThatCouldNotBeCheckedIsNotTaken() throws Exception {
        CommitObject full = taken("shop", BackupKind.FULL, 0);
        storeWal(platform.source(), full);
        String function = " EXECUTE ON FUNCTION pg_wal_summary_contents ";
        platform.source().execute("REVOKE" + function + "FROM PUBLIC");
        try {
            CommitObject commit = taken("shop", BackupKind.INCREMENTAL, 1);

            assertThat(commit.kind()).isEqualTo(BackupKind.LOG);
            assertThat(commit.reason().orElseThrow()).contains("may not be read");
        } finally {
            platform.source().execute("GRANT" + function + "TO PUBLIC");
        }
    }

    @Test
    void aParentThatLostAVolumeIsNotBuiltOn() throws Exception {
        CommitObject full = taken("shop", BackupKind.FULL, 0);
        platform.store().delete(full.archives().getFirst().volumes().getFirst().object().key());

        CommitObject commit = taken("shop", BackupKind.INCREMENTAL, 1);

        assertThat(commit.kind()).isEqualTo(BackupKind.FULL);
        assertThat(commit.reason().orElseThrow()).contains("missing");
    }

    @Test
    void aParentThatFailedItsValidationIsNotBuiltOn() throws Exception {
        taken("shop", BackupKind.FULL, 0);
        CommitObject first = taken("shop", BackupKind.INCREMENTAL, 1);
        CommitObject second = taken("shop", BackupKind.INCREMENTAL, 2);
        EventObject failure =
                EventObject.of(
                        new ValidationFailed(
                                second.run(),
                                second.attempt(),
                                platform.store().name(),
                                ValidationFailed.DRILL,
                                second.completedAt(),
                                ErrorCode.DRILL_FAILED,
                                "a table could not be read",
                                Optional.empty(),
                                Optional.empty()));
        platform.store()
                .putIfAbsent(
                        failure.key(
                                second.layout().root(), EventObject.VERIFICATIONS, second.label()),
                        ObjectBody.of(failure.toJson()));

        CommitObject third = taken("shop", BackupKind.INCREMENTAL, 3);

        assertThat(third.parent()).contains(first.label());
        assertThat(stored(third).differences()).isEmpty();
    }

    @Test
    void anIncrementalWhoseSessionEndsIsTakenAgain() throws Exception {
        CommitObject full = taken("shop", BackupKind.FULL, 0);
        change();
        AtomicBoolean ended = new AtomicBoolean();
        meter =
                new BackupMeter() {
                    @Override
                    public void received(ClusterName cluster, long bytes) {
                        if (ended.compareAndSet(false, true)) {
                            endBackups();
                        }
                    }

                    @Override
                    public void stored(ClusterName cluster, long bytes) {}
                };

        CommitObject commit = taken("shop", BackupKind.INCREMENTAL, 1);

        assertThat(events.only(BackupFailed.class).code().category())
                .isEqualTo(ErrorCategory.TRANSIENT);
        assertThat(commit.parent()).contains(full.label());
        assertThat(stored(commit).differences()).isEmpty();
    }

    @Test
    void aSnapshotStandsAlone() throws Exception {
        CommitObject snapshot = taken("shop", BackupKind.SNAPSHOT, 0);

        assertThat(snapshot.label().value()).endsWith("-S");
        assertThat(snapshot.includesWal()).isTrue();
        assertThat(stored(snapshot).differences()).isEmpty();
    }

    @Test
    void logBackupsRecordWhatIsStoredAndFailWhereNothingIs() throws Exception {
        CommitObject full = taken("shop", BackupKind.FULL, 0);
        change();
        settings = settings.withAttempts(1);
        assertThat(run("shop", BackupKind.LOG, 1)).isInstanceOf(RunOutcome.Failed.class);
        assertThat(events.only(BackupFailed.class).code()).isEqualTo(ErrorCode.WAL_NOT_STORED);

        storeWal(platform.source(), full);
        CommitObject log = taken("shop", BackupKind.LOG, 2);

        assertThat(log.startLsn()).isEqualTo(full.stopLsn());
        assertThat(log.stopLsn()).isGreaterThan(full.stopLsn());
        assertThat(stored(log).differences()).isEmpty();
        change();
        storeWal(platform.source(), full);
        assertThat(taken("shop", BackupKind.LOG, 3).startLsn()).isEqualTo(log.stopLsn());
    }

    @Test
    @Timeout(120)
    void nothingHangsWhileCommitsWaitForAStreamThatIsDown() throws Exception {
        settings = settings.withAttempts(1);
        CommitObject before = taken("shop", BackupKind.FULL, 0);
        standbyNames("cairn_shop");
        Thread commit = Thread.ofVirtual().start(this::changeForAsLongAsItTakes);
        try {
            await().until(() -> waitingCommits().equals("1"));

            CommitObject incremental = taken("shop", BackupKind.INCREMENTAL, 1);
            assertThat(incremental.parent()).contains(before.label());
            assertThat(stored(incremental).differences()).isEmpty();
            CommitObject full = taken("shop", BackupKind.FULL, 2);
            assertThat(stored(full).differences()).isEmpty();
            assertThat(stored(taken("shop", BackupKind.SNAPSHOT, 3)).differences()).isEmpty();
            assertThat(run("shop", BackupKind.LOG, 4)).isInstanceOf(RunOutcome.Failed.class);
            BackupFailed failed = events.only(BackupFailed.class);
            assertThat(failed.code()).isEqualTo(ErrorCode.WAL_NOT_STORED);
            assertThat(failed.hint().orElseThrow()).contains("cairn wal status");

            assertThat(waitingCommits()).as("until now").isEqualTo("1");
        } finally {
            standbyNames("");
            commit.join();
        }
    }

    private void changeForAsLongAsItTakes() {
        try {
            change();
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    private String waitingCommits() throws SQLException {
        return platform.source()
                .ask("SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'SyncRep'");
    }

    private void standbyNames(String names) throws SQLException {
        platform.source()
                .execute(
                        "ALTER SYSTEM SET synchronous_standby_names = '" + names + "'",
                        "SELECT pg_reload_conf()");
    }

    @Test
    void postgresql15TakesALogBackupWhereAnIncrementalIsDue() throws Exception {
        CommitObject full = taken("old", BackupKind.FULL, 0);
        CommitObject instead = taken("old", BackupKind.INCREMENTAL, 1);
        assertThat(instead.kind()).isEqualTo(BackupKind.FULL);
        assertThat(instead.reason().orElseThrow())
                .contains("PostgreSQL 15 has no incremental backups");

        storeWal(platform.old(), full);
        CommitObject log = taken("old", BackupKind.INCREMENTAL, 2);

        assertThat(log.kind()).isEqualTo(BackupKind.LOG);
        assertThat(log.startLsn()).isEqualTo(instead.stopLsn());
    }

    /** As a stream would have: every segment from the backup's on, and some more. */
    private void storeWal(SourceServer server, CommitObject since) throws SQLException {
        SegmentSize size = SegmentSize.of(since);
        Lsn end = Lsn.parse(server.ask("SELECT pg_current_wal_lsn()")).plus(3L * size.bytes());
        WalLayout layout = new WalLayout(since.layout().root());
        for (WalSegment segment :
                WalSegment.of(new Timeline(1), new LsnRange(since.startLsn(), end), size)) {
            platform.store().putIfAbsent(layout.segment(segment), ObjectBody.of(new byte[] {1}));
        }
    }

    private void change() throws SQLException {
        platform.source().execute("UPDATE quick SET body = md5(body) WHERE id % 1000 = 0");
    }

    private void summarize(String value) throws SQLException {
        platform.source()
                .execute("ALTER SYSTEM SET summarize_wal = " + value, "SELECT pg_reload_conf()");
    }

    private void endBackups() {
        try {
            platform.source().endBackups();
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    private CommitObject taken(String cluster, BackupKind kind, int hours)
            throws InterruptedException {
        RunOutcome outcome = run(cluster, kind, hours);
        assertThat(outcome).as(() -> events.all().toString()).isInstanceOf(RunOutcome.Taken.class);
        return ((RunOutcome.Taken) outcome).backup().commit();
    }

    private RunOutcome run(String cluster, BackupKind kind, int hours) throws InterruptedException {
        return new BackupRuns(
                        platform.config(),
                        name -> executors,
                        PostgresSource::new,
                        settings,
                        PipelineSettings.DEFAULT,
                        new RunEnvironment("test/1", RunClock.SYSTEM, new SecureRandom(), meter))
                .run(due(cluster, kind, hours), events);
    }

    private BackupDue due(String cluster, BackupKind kind, int hours) {
        Instant dueAt = begin.plus(Duration.ofHours(hours));
        return Dues.of(new ClusterName(cluster), Tier.OLTP, kind, dueAt);
    }

    private StoredBackup stored(CommitObject commit) {
        return StoredBackup.open(
                platform.store(), commit.layout(), platform.recipient(), platform.trustAnchor());
    }
}
