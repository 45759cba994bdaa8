package io.cairn.restore.incremental;

import static org.assertj.core.api.Assertions.assertThat;

import io.cairn.archive.gzip.GzipCodec;
import io.cairn.model.BackupLabel;
import io.cairn.model.ClusterName;
import io.cairn.model.backup.CommitObject;
import io.cairn.postgres.server.DataDirectory;
import io.cairn.postgres.server.LocalServer;
import io.cairn.postgres.server.PostgresBinaries;
import io.cairn.restore.backup.BackupLister;
import io.cairn.restore.backup.BackupReader;
import io.cairn.restore.compare.TableDigest;
import io.cairn.restore.compare.TableDigests;
import io.cairn.restore.engine.PostgresTools;
import io.cairn.restore.engine.RestoreEngine;
import io.cairn.restore.engine.RestoreProgress;
import io.cairn.restore.engine.RestoreSettings;
import io.cairn.restore.fixture.RealBackup;
import io.cairn.restore.fixture.TestKeys;
import io.cairn.restore.plan.BackupSelection;
import io.cairn.restore.plan.RestorePlan;
import io.cairn.restore.plan.RestorePlanner;
import io.cairn.restore.plan.RestoreRequest;
import io.cairn.storage.FakeObjectStore;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ChainRestoreIT {

    private static final TestKeys KEYS = TestKeys.create();
    private static final ClusterName CLUSTER = new ClusterName("shop");

    @TempDir private Path temporary;

    private final FakeObjectStore store = FakeObjectStore.plain("primary");

    @ParameterizedTest
    @ValueSource(ints = {17, 18})
    void everyBackupOfAChainComesBackAsItWas(int major) throws Exception {
        List<CommitObject> chain = new ArrayList<>();
        List<List<TableDigest>> states = new ArrayList<>();
        try (LocalServer server = source(major)) {
            fill(server);
            chain.add(RealBackup.take(server, CLUSTER, label(0, 'F'), store, KEYS));
            states.add(digests(server));
            for (int step = 1; step <= 3; step++) {
                change(server, step);
                chain.add(
                        RealBackup.takeIncremental(
                                server, chain.getLast(), label(step, 'I'), store, KEYS));
                states.add(digests(server));
            }
        }

        for (int step = chain.size() - 1; step >= 0; step--) {
            Path directory = temporary.resolve("restored-" + step);
            RestorePlan plan = plan(chain.get(step), directory);
            assertThat(plan.before()).hasSize(step);
            new RestoreEngine(RestoreSettings.defaults()).restore(plan, RestoreProgress.NONE);

            assertThat(directory.resolve("backup_label"))
                    .content(StandardCharsets.ISO_8859_1)
                    .contains("START WAL LOCATION")
                    .doesNotContain("INCREMENTAL");
            assertNoIncrementalFiles(directory);
            verifyByServersTool(major, directory);
            try (LocalServer restored =
                    LocalServer.on(PostgresBinaries.find(major), directory)
                            .privateSocket()
                            .start()) {
                assertThat(TableDigests.differences(states.get(step), digests(restored))).isEmpty();
                restored.execute("postgres", "CREATE EXTENSION amcheck");
                restored.execute(
                        "postgres",
                        "SELECT bt_index_check(c.oid, true) FROM pg_class c JOIN pg_am a ON a.oid ="
                                + " c.relam WHERE a.amname = 'btree' AND c.relkind = 'i' AND"
                                + " c.relpersistence = 'p'");
            }
        }
    }

    private LocalServer source(int major) {
        PostgresBinaries binaries = PostgresBinaries.find(major);
        Path data =
                DataDirectory.at(binaries, temporary.resolve("source"))
                        .walSegmentMegabytes(1)
                        .checksums(true)
                        .withoutSync()
                        .create();
        return LocalServer.on(binaries, data).setting("summarize_wal", "on").start();
    }

    private static void fill(LocalServer server) throws SQLException {
        server.execute(
                "postgres",
                "CREATE TABLE big (n int PRIMARY KEY, t text) WITH (autovacuum_enabled = off)",
                "INSERT INTO big SELECT g, repeat(md5(g::text), 10) FROM generate_series(1, 20000)"
                        + " g",
                "CREATE TABLE still AS SELECT * FROM big",
                "CREATE TABLE shrinks AS SELECT * FROM big",
                "CREATE TABLE goes AS SELECT * FROM big",
                "CREATE TABLE empty (n int)",
                "VACUUM FREEZE",
                "CHECKPOINT");
    }

    /** Blocks changed, added and cut off; files new, gone, rewritten, emptied and filled. */
    private static void change(LocalServer server, int step) throws SQLException {
        server.execute(
                "postgres",
                "UPDATE big SET t = 'step " + step + "' WHERE n % 997 = " + step,
                "INSERT INTO big SELECT g, 'new' FROM generate_series("
                        + (20000 * step + 1)
                        + ", "
                        + (20000 * step + 3000)
                        + ") g",
                "DELETE FROM shrinks WHERE n > " + (20000 - 6000 * step),
                "VACUUM shrinks",
                "CREATE TABLE added_" + step + " AS SELECT * FROM big LIMIT 1000",
                "CHECKPOINT");
        if (step == 1) {
            server.execute("postgres", "DROP TABLE goes", "INSERT INTO empty VALUES (1)");
        }
        if (step == 2) {
            server.execute(
                    "postgres",
                    "VACUUM FULL big",
                    "TRUNCATE empty",
                    "DROP TABLE added_1",
                    "CREATE DATABASE other TEMPLATE template0");
        }
        if (step == 3) {
            server.execute(
                    "postgres",
                    "INSERT INTO shrinks SELECT g, 'again' FROM generate_series(1, 30000) g",
                    "DROP DATABASE other");
        }
    }

    private static BackupLabel label(int hour, char kind) {
        return new BackupLabel("20261122T0%d0000Z-%c".formatted(hour, kind));
    }

    private RestorePlan plan(CommitObject backup, Path directory) {
        BackupLister lister =
                new BackupLister(List.of(new BackupReader(store, KEYS.trustAnchor())));
        return new RestorePlanner(lister, KEYS.recipient(), GzipCodec.best())
                .plan(
                        RestoreRequest.of(
                                CLUSTER, new BackupSelection.Labelled(backup.label()), directory));
    }

    private static List<TableDigest> digests(LocalServer server) throws SQLException {
        return TableDigests.ofCluster(server::connect, "postgres");
    }

    private static void assertNoIncrementalFiles(Path directory) throws Exception {
        try (var files = Files.walk(directory)) {
            assertThat(files.map(file -> file.getFileName().toString()))
                    .noneMatch(name -> name.startsWith(IncrementalFile.PREFIX));
        }
    }

    /** Where it is at hand: every file is what the manifest of the result says. */
    private static void verifyByServersTool(int major, Path directory) throws Exception {
        Path tool = PostgresTools.program(major, "pg_verifybackup");
        if (!Files.isExecutable(tool)) {
            return;
        }
        Process process =
                new ProcessBuilder(
                                tool.toString(),
                                "--exit-on-error",
                                "--no-parse-wal",
                                directory.toString())
                        .redirectErrorStream(true)
                        .start();
        try {
            String output =
                    new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertThat(process.waitFor(120, TimeUnit.SECONDS)).isTrue();
            assertThat(process.exitValue()).as(output).isZero();
        } finally {
            process.destroyForcibly();
        }
    }
}
