package io.cairn.restore.recovery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.cairn.postgres.server.DataDirectory;
import io.cairn.postgres.server.LocalServer;
import io.cairn.postgres.server.PostgresBinaries;
import io.cairn.restore.fixture.WalArchive;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What a recovery that is fed relies on: how a server behaves that has {@code standby.signal} and
 * neither {@code restore_command} nor {@code primary_conninfo}.
 */
class StandbyRecoveryIT {

    @TempDir private Path temporary;

    private Path copy = Path.of("set in source");
    private Path kept = Path.of("set in source");
    private final List<String> segments = new ArrayList<>();
    private String lsn = "";
    private String time = "";
    private String xid = "";

    @ParameterizedTest
    @ValueSource(ints = {15, 18})
    void aMissingSegmentIsWaitedForAndReplayedWhenItComes(int major) throws Exception {
        source(major);
        place(3);
        try (LocalServer server = recovering(major, Map.of())) {
            assertThat(ask(server, "SELECT pg_is_in_recovery()")).isEqualTo("t");
            assertThat(server.logFile()).content().contains(LooksForWal.SAYS);
            awaitStandstill(server);
            long before = rows(server);
            assertThat(before).isBetween(1L, 5L);

            place(segments.size());

            await().atMost(Duration.ofSeconds(30)).until(() -> rows(server) == 10);
            assertThat(ask(server, "SELECT pg_is_in_recovery()")).isEqualTo("t");
            assertThat(ask(server, "SELECT pg_promote(true, 60)")).isEqualTo("t");
            assertThat(ask(server, "SELECT substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8)"))
                    .isEqualTo("00000002");
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {15, 18})
    void everyKindOfTargetStopsWhereItShould(int major) throws Exception {
        source(major);
        place(segments.size());
        Path pristine = temporary.resolve("pristine");
        copyTree(copy, pristine);
        Map<Map<String, String>, Long> expected =
                Map.of(
                        Map.of("recovery_target_time", time), 4L,
                        Map.of("recovery_target_lsn", lsn), 4L,
                        Map.of("recovery_target_xid", xid), 5L,
                        Map.of("recovery_target_name", "after seven"), 7L,
                        Map.of("recovery_target", "immediate"), 0L);
        for (Map.Entry<Map<String, String>, Long> each : expected.entrySet()) {
            deleteTree(copy);
            copyTree(pristine, copy);
            try (LocalServer server = recovering(major, each.getKey())) {
                await().atMost(Duration.ofSeconds(30))
                        .until(() -> ask(server, "SELECT pg_is_wal_replay_paused()").equals("t"));
                assertThat(rows(server)).as("%s", each.getKey()).isEqualTo(each.getValue());
                ask(server, "SELECT pg_promote(true, 60)");
                assertThat(ask(server, "SELECT pg_is_in_recovery()")).isEqualTo("f");
                assertThat(rows(server)).isEqualTo(each.getValue());
            }
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {15, 18})
    void aTargetBehindTheLastSegmentIsWaitedForWithoutEnd(int major) throws Exception {
        source(major);
        place(segments.size());
        try (LocalServer server =
                recovering(major, Map.of("recovery_target_time", "2099-01-01 00:00:00+00"))) {
            await().atMost(Duration.ofSeconds(30)).until(() -> rows(server) == 10);
            awaitStandstill(server);
            assertThat(ask(server, "SELECT pg_is_in_recovery()")).isEqualTo("t");
            assertThat(ask(server, "SELECT pg_is_wal_replay_paused()")).isEqualTo("f");
        }
    }

    /** The startup process sleeps between two looks, and has done so for as long as ten of them. */
    private static void awaitStandstill(LocalServer server) {
        await().during(Duration.ofSeconds(1))
                .atMost(Duration.ofSeconds(30))
                .until(() ->
                        ask(
                                        server,
                                        "SELECT wait_event FROM pg_stat_activity WHERE backend_type"
                                                + " = 'startup'")
                                .equals("RecoveryRetrieveRetryInterval"));
    }

    /** Ten rows, each in a segment of its own; the copy was made before the first. */
    private void source(int major) throws IOException, SQLException {
        PostgresBinaries binaries = PostgresBinaries.find(major);
        Path data =
                DataDirectory.at(binaries, temporary.resolve("source"))
                        .walSegmentMegabytes(1)
                        .copiedForTestWithoutTemplates()
                        .create();
        copy = temporary.resolve("copy");
        kept = Files.createDirectory(temporary.resolve("kept"));
        LocalServer server = LocalServer.on(binaries, data).start();
        try (server) {
            server.execute(
                    "postgres", "CREATE TABLE t (n int, at timestamptz DEFAULT clock_timestamp())");
            server.stop();
            copyTree(data, copy);
            server.start();
            for (int n = 1; n <= 10; n++) {
                row(server, n);
            }
        }
    }

    private void row(LocalServer server, int n) throws IOException, SQLException {
        if (n == 5) {
            xid =
                    ask(
                            server,
                            "WITH i AS (INSERT INTO t VALUES (5) RETURNING 1)"
                                    + " SELECT pg_current_xact_id() FROM i");
        } else {
            server.execute("postgres", "INSERT INTO t VALUES (" + n + ")");
        }
        if (n == 4) {
            time = ask(server, "SELECT clock_timestamp()");
            lsn = ask(server, "SELECT pg_current_wal_insert_lsn()");
        }
        if (n == 7) {
            server.execute("postgres", "SELECT pg_create_restore_point('after seven')");
        }
        String segment = ask(server, "SELECT pg_walfile_name(pg_current_wal_lsn())");
        server.execute("postgres", "SELECT pg_switch_wal()");
        Files.copy(
                server.dataDirectory().resolve("pg_wal").resolve(segment), kept.resolve(segment));
        segments.add(segment);
    }

    private void place(int number) throws IOException {
        for (String segment : segments.subList(0, number)) {
            Path unfinished = copy.resolve("pg_wal").resolve("unfinished");
            Files.copy(kept.resolve(segment), unfinished, StandardCopyOption.REPLACE_EXISTING);
            chown(unfinished);
            Files.move(
                    unfinished,
                    copy.resolve("pg_wal").resolve(segment),
                    StandardCopyOption.ATOMIC_MOVE);
        }
    }

    private void chown(Path file) throws IOException {
        Files.setOwner(file, Files.getOwner(copy));
    }

    private LocalServer recovering(int major, Map<String, String> target) throws IOException {
        Files.writeString(copy.resolve("standby.signal"), "");
        return LocalServer.on(PostgresBinaries.find(major), copy)
                .privateSocket()
                .setting("wal_retrieve_retry_interval", "100ms")
                .setting("recovery_target_action", "pause")
                .settings(target)
                .start();
    }

    private static long rows(LocalServer server) throws SQLException {
        return Long.parseLong(ask(server, "SELECT count(*) FROM t"));
    }

    private static String ask(LocalServer server, String sql) throws SQLException {
        return WalArchive.ask(server, sql);
    }

    private static void copyTree(Path from, Path to) throws IOException {
        for (Path path : tree(from)) {
            Files.copy(
                    path,
                    to.resolve(from.relativize(path).toString()),
                    StandardCopyOption.COPY_ATTRIBUTES);
        }
    }

    private static void deleteTree(Path tree) throws IOException {
        for (Path path : tree(tree).reversed()) {
            Files.delete(path);
        }
    }

    private static List<Path> tree(Path top) throws IOException {
        try (Stream<Path> paths = Files.walk(top)) {
            return paths.toList();
        }
    }
}
