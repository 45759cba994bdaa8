package io.cairn.postgres.preflight;

import static org.assertj.core.api.Assertions.assertThat;

import io.cairn.config.HostPort;
import io.cairn.postgres.TestSource;
import io.cairn.postgres.connection.ClusterConnector;
import io.cairn.postgres.preflight.CheckResult.Level;
import java.io.IOException;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
class PreflightIT {

    private static final String CURRENT_SEGMENT =
            "SELECT pg_walfile_name(pg_current_wal_insert_lsn())";

    @TempDir Path directory;

    @ParameterizedTest
    @ValueSource(ints = {15, 18})
    void theRoleOfTheHandbookPassesEverything(int major) {
        try (TestSource source = TestSource.start(major, directory)) {
            source.execute(
                    "GRANT pg_monitor TO " + TestSource.ROLE,
                    "GRANT EXECUTE ON FUNCTION pg_switch_wal() TO " + TestSource.ROLE,
                    "GRANT EXECUTE ON FUNCTION pg_create_restore_point(text) TO "
                            + TestSource.ROLE);

            // So that the segment in use has something in it, and a switch is seen.
            source.execute("CREATE TABLE written_before AS SELECT 1");
            String before = source.ask(CURRENT_SEGMENT);

            List<CheckResult> results = check(source);

            assertThat(source.ask(CURRENT_SEGMENT)).isGreaterThan(before);
            assertThat(results)
                    .anySatisfy(result -> {
                        assertThat(result.name()).isEqualTo("pg_create_restore_point(text)");
                        assertThat(result.detail()).containsPattern("'cairn_check' at 0/[0-9A-F]+");
                    });
            assertThat(results)
                    .allSatisfy(result ->
                            assertThat(result.level()).as(result.toString()).isEqualTo(Level.OK));
            assertThat(Preflight.passed(results)).isTrue();
            assertThat(results)
                    .extracting(CheckResult::name)
                    .contains(
                            "connect",
                            "version",
                            "wal_level",
                            "data_checksums",
                            "synchronous_standby_names",
                            "pg_monitor",
                            "pg_switch_wal()",
                            "pg_create_restore_point(text)",
                            "replication",
                            "max_replication_slots",
                            "max_wal_senders",
                            "pg_hba.conf",
                            "primary");
            assertThat(results.stream().anyMatch(result -> result.name().equals("summarize_wal")))
                    .isEqualTo(major >= 17);
            assertThat(source.ask("SELECT count(*) FROM pg_replication_slots")).isEqualTo("0");
        }
    }

    @Test
    void missingRightsAreWarningsWithTheirStatements() {
        try (TestSource source = TestSource.start(18, directory)) {
            List<CheckResult> results = check(source);
            assertThat(Preflight.passed(results)).isTrue();
            assertHint(
                    results, "pg_monitor", Level.WARNING, "GRANT pg_monitor TO \"cairn_backup\";");
            assertHint(
                    results,
                    "pg_switch_wal()",
                    Level.WARNING,
                    "GRANT EXECUTE ON FUNCTION pg_switch_wal() TO \"cairn_backup\";");
            assertHint(
                    results,
                    "pg_create_restore_point(text)",
                    Level.WARNING,
                    "GRANT EXECUTE ON FUNCTION pg_create_restore_point(text) TO \"cairn_backup\";");
        }
    }

    @Test
    void aRightThatIsGrantedElsewhereIsNoneWhereItIsNeeded() throws SQLException {
        try (TestSource source = TestSource.start(18, directory)) {
            source.execute("CREATE DATABASE other");
            source.server()
                    .execute(
                            "other",
                            "GRANT EXECUTE ON FUNCTION pg_switch_wal() TO " + TestSource.ROLE);

            assertHint(
                    check(source),
                    "pg_switch_wal()",
                    Level.WARNING,
                    "in database postgres: GRANT EXECUTE");
        }
    }

    @Test
    void whatPreventsBackupsFailsWithItsRemedy() {
        try (TestSource source = TestSource.start(18, directory)) {
            source.restart(builder -> builder.setting("max_replication_slots", "0"));
            assertFails(source, "max_replication_slots", "max_replication_slots");
            source.restart(builder -> builder.setting("max_wal_senders", "1"));
            assertFails(source, "max_wal_senders", "max_wal_senders");
            source.restart(builder ->
                    builder.setting("wal_level", "minimal").setting("max_wal_senders", "0"));
            assertFails(source, "wal_level", "replica");
            source.restart(builder ->
                    builder.hostBasedAuthentication("host all all 127.0.0.1/32 scram-sha-256"));
            assertFails(
                    source,
                    "pg_hba.conf",
                    "host replication cairn_backup 127.0.0.1/32 scram-sha-256");
        }
    }

    private static void assertFails(TestSource source, String name, String hint) {
        List<CheckResult> results = check(source);
        assertThat(Preflight.passed(results)).isFalse();
        assertHint(results, name, Level.FAILED, hint);
    }

    @Test
    void hostsThatCannotBeReachedOrBelongToAnotherClusterFail() throws IOException {
        try (TestSource one = TestSource.start(18, directory.resolve("one"));
                TestSource two = TestSource.start(15, directory.resolve("two"))) {
            HostPort nobody;
            try (ServerSocket socket = new ServerSocket(0)) {
                nobody = new HostPort("127.0.0.1", socket.getLocalPort());
            }
            List<HostPort> hosts = List.of(nobody, one.server().address(), two.server().address());
            List<CheckResult> results =
                    new Preflight(
                                    new ClusterConnector(
                                            one.cluster(
                                                    TestSource.ROLE, TestSource.PASSWORD, hosts)))
                            .run();

            assertThat(results.getFirst().subject()).isEqualTo(nobody.toString());
            assertHint(results, "reach", Level.FAILED, "firewall");
            assertHint(results, "system identifier", Level.FAILED, "one cluster only");
            assertHint(results, "primary", Level.FAILED, "fence the old primary");
        }
    }

    private static List<CheckResult> check(TestSource source) {
        return new Preflight(new ClusterConnector(source.cluster())).run();
    }

    private static void assertHint(
            List<CheckResult> results, String name, Level level, String hint) {
        assertThat(results)
                .anySatisfy(result -> {
                    assertThat(result.name()).isEqualTo(name);
                    assertThat(result.level()).isEqualTo(level);
                    assertThat(result.hint())
                            .hasValueSatisfying(text -> assertThat(text).contains(hint));
                });
    }
}
