package io.cairn.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.cairn.model.BackupLabel;
import io.cairn.model.ClusterName;
import io.cairn.model.Json;
import io.cairn.model.Lsn;
import io.cairn.model.Timeline;
import io.cairn.model.backup.CommitObject;
import io.cairn.model.wal.SegmentSize;
import io.cairn.postgres.server.DataDirectory;
import io.cairn.postgres.server.LocalServer;
import io.cairn.postgres.server.PostgresBinaries;
import io.cairn.restore.fixture.RealBackup;
import io.cairn.restore.fixture.WalArchive;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;

/**
 * {@code cairn restore-point create} on a server whose commits wait for a synchronous stream that
 * is not there. In order: a backup and a stream come one after the other.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class RestorePointIT {

    private static final SegmentSize SEGMENT = new SegmentSize(1 << 20);
    private static final Timeline FIRST = new Timeline(1);

    @TempDir private Path folder = Path.of("");

    private OperatorStore store;
    private LocalServer server;
    private Path config = Path.of("set by start");
    private CommitObject commit;

    @BeforeAll
    void start(@TempDir Path directory) throws Exception {
        store = new OperatorStore(directory);
        PostgresBinaries binaries = PostgresBinaries.find(18);
        Path data =
                DataDirectory.at(binaries, directory.resolve("source"))
                        .walSegmentMegabytes(1)
                        .copiedForTest()
                        .create();
        server = LocalServer.on(binaries, data).start();
        server.execute(
                "postgres",
                "CREATE TABLE t (n int)",
                "CREATE ROLE cairn LOGIN REPLICATION",
                "CREATE ROLE weak LOGIN REPLICATION",
                "GRANT EXECUTE ON FUNCTION pg_create_restore_point(text) TO cairn",
                "ALTER SYSTEM SET synchronous_standby_names = 'cairn_shop'",
                "SELECT pg_reload_conf()");
        config = store.config(server.address(), "cairn");
    }

    @AfterAll
    void stop() {
        server.close();
        store.close();
    }

    @Test
    @Order(1)
    void whereNoBackupLeadsToItNoPointIsMade() {
        Run run = create(config, "too early");

        assertThat(run.exit()).as(run.err()).isEqualTo(6);
        assertThat(run.err()).contains("no restore point was made", "hint: ", "cairn backup shop");
    }

    @Test
    @Order(2)
    void withoutAStreamItFailsInTimeAndSaysHowFarTheWalIsStored() throws Exception {
        commit =
                RealBackup.take(
                        server,
                        new ClusterName("shop"),
                        new BackupLabel("20261122T020000Z-F"),
                        store.executor(),
                        store.keys());
        rows(1, 10);
        Instant begun = Instant.now();

        Run run = create(config, "unstored", "--wait", "1s");

        assertThat(Duration.between(begun, Instant.now())).isLessThan(Duration.ofSeconds(30));
        assertThat(run.exit()).as(run.err()).isEqualTo(8);
        assertThat(run.out()).isEmpty();
        assertThat(run.err())
                .contains(
                        "restore point 'unstored' is at ",
                        " only, after 1.0 s",
                        "from the end of " + commit.label() + " on",
                        "nobody streams its WAL");
    }

    @Test
    @Order(3)
    void aRoleWithoutTheRightGetsTheGrant() throws Exception {
        Run run = create(store.config(server.address(), "weak"), "never");

        assertThat(run.exit()).as(run.err()).isEqualTo(1);
        assertThat(run.err())
                .contains(
                        "may not create restore points",
                        "GRANT EXECUTE ON FUNCTION pg_create_restore_point(text) TO \"weak\"");
    }

    @Test
    @Order(4)
    void itReturnsWhenItsWalIsStoredAndIsWhatComesBack() throws Exception {
        AtomicBoolean ended = new AtomicBoolean();
        Thread stream = Thread.ofPlatform().start(() -> store(ended));
        Run run = create(config, "before the release", "-o", "json");
        ended.set(true);
        stream.join();

        assertThat(run.exit()).as(run.err()).isZero();
        JsonNode point = Json.mapper().readTree(run.out()).path("restorePoint");
        assertThat(point.path("name").asText()).isEqualTo("before the release");
        assertThat(Lsn.parse(point.path("lsn").asText())).isGreaterThan(commit.stopLsn());
        assertThat(Instant.parse(point.path("time").asText()))
                .isBetween(Instant.now().minusSeconds(120), Instant.now().plusSeconds(1));
        assertThat(point.path("stores").get(0).asText()).isEqualTo("primary");
        assertThat(point.path("base").asText()).isEqualTo(commit.label().toString());

        Path target = folder.resolve("restored");
        Run restored =
                Run.cairn(
                        "--config",
                        config.toString(),
                        "restore",
                        "--cluster",
                        "shop",
                        "--target-name",
                        "before the release",
                        "--target-dir",
                        target.toString());
        assertThat(restored.exit()).as(restored.err()).isZero();
        try (LocalServer there =
                LocalServer.on(PostgresBinaries.find(18), target)
                        .privateSocket()
                        .setting("synchronous_standby_names", "")
                        .start()) {
            assertThat(WalArchive.ask(there, "SELECT min(n) || '-' || max(n) FROM t"))
                    .isEqualTo("1-10");
        }
    }

    /** As a stream does: what is new, as long as it is asked to. */
    private void store(AtomicBoolean ended) {
        try {
            Lsn stored = SEGMENT.startOf(commit.startLsn());
            WalArchive archive =
                    new WalArchive(
                            store.executor(),
                            store.keys(),
                            commit.layout().root(),
                            SEGMENT,
                            FIRST,
                            stored);
            while (!ended.get()) {
                if (stored.compareTo(WalArchive.flushed(server)) < 0) {
                    stored = archive.everything(server, FIRST, stored);
                }
                Thread.sleep(50);
            }
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    private static Run create(Path config, String name, String... more) {
        return Run.cairn(
                Stream.concat(
                                List.of(
                                        "--config",
                                        config.toString(),
                                        "restore-point",
                                        "create",
                                        "--cluster",
                                        "shop",
                                        "--name",
                                        name)
                                        .stream(),
                                Stream.of(more))
                        .toArray(String[]::new));
    }

    /** Commits that wait for nobody. */
    private void rows(int from, int to) throws Exception {
        for (int n = from; n <= to; n++) {
            server.execute(
                    "postgres",
                    "SET synchronous_commit = local",
                    "INSERT INTO t VALUES (" + n + ")");
        }
    }
}
