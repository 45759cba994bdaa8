package io.cairn.postgres.preflight;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.cairn.model.BackupKind;
import io.cairn.model.Lsn;
import io.cairn.model.StoreName;
import io.cairn.model.Tier;
import io.cairn.model.Timeline;
import io.cairn.model.policy.BackupSchedule;
import io.cairn.model.policy.CatchUp;
import io.cairn.model.policy.RunPolicy;
import io.cairn.model.policy.TierPolicy;
import io.cairn.postgres.TestSource;
import io.cairn.postgres.connection.ClusterConnector;
import io.cairn.postgres.connection.ServerConnection;
import io.cairn.postgres.preflight.CheckResult.Level;
import io.cairn.postgres.wal.ReplicationSlots;
import io.cairn.postgres.wal.WalReceiver;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
class StreamCheckIT {

    private static final String STREAM = "cairn_shop";

    @TempDir Path directory;

    private static TierPolicy policy(Tier tier) {
        return new TierPolicy(
                tier,
                Duration.ofDays(30),
                new RunPolicy(
                        Duration.ofDays(30),
                        Duration.ofMinutes(15),
                        Duration.ofMinutes(15),
                        List.of(new StoreName("here")),
                        6,
                        RunPolicy.VOLUME_BYTES_DEFAULT),
                tier == Tier.OLTP
                        ? List.of(
                                new BackupSchedule(
                                        BackupKind.INCREMENTAL,
                                        "0 * * * *",
                                        CatchUp.LATEST,
                                        Duration.ofHours(1)))
                        : List.of());
    }

    private static CheckResult check(TestSource source, Tier tier, String name) {
        return find(source, tier, name).orElseThrow();
    }

    private static Optional<CheckResult> find(TestSource source, Tier tier, String name) {
        return new Preflight(new ClusterConnector(source.cluster()), policy(tier))
                .run().stream().filter(result -> result.name().equals(name)).findFirst();
    }

    private static void assertHint(CheckResult result, Level level, String hint) {
        assertThat(result.level()).as(result.toString()).isEqualTo(level);
        assertThat(result.hint()).hasValueSatisfying(text -> assertThat(text).contains(hint));
    }

    @Test
    void incrementalsNeedSummariesWhereTheTierHasAny() {
        try (TestSource source = TestSource.start(17, directory)) {
            assertHint(
                    check(source, Tier.OLTP, "summarize_wal"),
                    Level.WARNING,
                    "ALTER SYSTEM SET summarize_wal = on");
            assertThat(find(source, Tier.QUEUE, "summarize_wal")).isEmpty();
            source.execute("ALTER SYSTEM SET summarize_wal = on", "SELECT pg_reload_conf()");
            await().untilAsserted(() ->
                    assertThat(check(source, Tier.OLTP, "summarize_wal").level())
                            .isEqualTo(Level.OK));
            String name = "pg_wal_summary_contents()";
            assertThat(check(source, Tier.OLTP, name).level()).isEqualTo(Level.OK);
            source.execute("REVOKE EXECUTE ON FUNCTION pg_wal_summary_contents FROM PUBLIC");
            CheckResult refused = check(source, Tier.OLTP, name);
            assertHint(
                    refused, Level.WARNING, "GRANT EXECUTE ON FUNCTION pg_catalog.pg_wal_summary");
            source.execute(refused.hint().orElseThrow().replaceFirst("in database postgres: ", ""));
            assertThat(check(source, Tier.OLTP, name).level()).isEqualTo(Level.OK);
        }
    }

    @Test
    void anOldServerTakesLogBackupsForIncrementals() {
        try (TestSource source = TestSource.start(15, directory)) {
            CheckResult result = check(source, Tier.OLTP, "incremental");
            assertThat(result.level()).isEqualTo(Level.OK);
            assertThat(result.detail()).contains("log backups");
        }
    }

    @Test
    void tooFewSlotsAndWhatALimitCostsAreSaid() {
        try (TestSource source =
                TestSource.start(
                        18,
                        directory,
                        builder ->
                                builder.setting("max_replication_slots", "3")
                                        .setting("max_slot_wal_keep_size", "1GB"))) {
            assertThat(check(source, Tier.OLAP, "slots of the WAL stream").level())
                    .isEqualTo(Level.OK);
            source.execute(
                    "SELECT pg_create_physical_replication_slot('" + STREAM + "')",
                    "SELECT pg_create_physical_replication_slot('other')");
            assertHint(
                    check(source, Tier.OLAP, "slots of the WAL stream"),
                    Level.FAILED,
                    "max_replication_slots = 4");
            CheckResult limit = check(source, Tier.OLAP, "max_slot_wal_keep_size");
            assertThat(limit.detail()).contains("1GB").contains("gap");
            assertHint(limit, Level.OK, "-1");
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {15, 18})
    void whetherCommitsReallyWaitIsSeenFromTheStreamItself(int major) {
        try (TestSource source = TestSource.start(major, directory)) {
            source.execute("GRANT pg_monitor TO " + TestSource.ROLE);
            assertHint(
                    check(source, Tier.QUEUE, "synchronous stream"),
                    Level.WARNING,
                    "'FIRST 1 (cairn_shop)'");
            try (ServerConnection session = source.connect(STREAM);
                    WalReceiver receiver = stream(session)) {
                assertThat(find(source, Tier.OLTP, "synchronous stream")).isEmpty();
                assertThat(check(source, Tier.QUEUE, "synchronous stream").detail())
                        .contains("async");
                standbyNames(source, receiver, "ANY 1 (cairn_shop, other)", "quorum");
                assertThat(check(source, Tier.QUEUE, "synchronous stream").detail())
                        .contains("may return without it");
                standbyNames(source, receiver, "FIRST 1 (cairn_shop, other)", "sync");
                assertThat(check(source, Tier.QUEUE, "synchronous stream").detail())
                        .contains("may return without it");
                standbyNames(source, receiver, "ANY 1 (cairn_shop)", "quorum");
                assertThat(check(source, Tier.QUEUE, "synchronous stream").level())
                        .isEqualTo(Level.OK);
                standbyNames(source, receiver, "FIRST 1 (cairn_shop)", "sync");
                assertThat(check(source, Tier.QUEUE, "synchronous stream").level())
                        .isEqualTo(Level.OK);
                assertHint(
                        check(source, Tier.OLTP, "synchronous stream"),
                        Level.WARNING,
                        "synchronous_standby_names");
            }
            await().until(() -> source.ask("SELECT count(*) FROM pg_stat_replication").equals("0"));
            assertThat(check(source, Tier.QUEUE, "synchronous stream").detail())
                    .contains("commits may be waiting");
        }
    }

    private static WalReceiver stream(ServerConnection session) {
        Lsn start = new ReplicationSlots(session).ensure(STREAM).restartLsn().orElseThrow();
        WalReceiver receiver = WalReceiver.start(session, STREAM, new Timeline(1), start);
        acknowledge(receiver);
        return receiver;
    }

    private static void acknowledge(WalReceiver receiver) {
        receiver.next(Duration.ofMillis(100));
        receiver.status(receiver.position(), receiver.position(), new Lsn(0));
    }

    private static void standbyNames(
            TestSource source, WalReceiver receiver, String names, String state) {
        source.execute(
                "ALTER SYSTEM SET synchronous_standby_names = '" + names + "'",
                "SELECT pg_reload_conf()");
        await().until(() -> {
            acknowledge(receiver);
            return source.ask("SELECT sync_state FROM pg_stat_replication").equals(state);
        });
    }

    @Test
    void commitsThatDoNotWaitOrWouldWaitForEverAreSaid() {
        try (TestSource source = TestSource.start(18, directory)) {
            assertThat(check(source, Tier.QUEUE, "synchronous_commit").level()).isEqualTo(Level.OK);
            source.execute("ALTER ROLE postgres SET synchronous_commit = off");
            CheckResult off = check(source, Tier.QUEUE, "synchronous_commit");
            assertHint(off, Level.WARNING, "RESET synchronous_commit");
            assertThat(off.detail()).contains("off");
            source.execute("ALTER DATABASE postgres SET synchronous_commit = remote_apply");
            assertHint(
                    check(source, Tier.QUEUE, "synchronous_commit"),
                    Level.FAILED,
                    "synchronous_commit = on");
            assertThat(find(source, Tier.OLTP, "synchronous_commit")).isEmpty();
        }
    }
}
