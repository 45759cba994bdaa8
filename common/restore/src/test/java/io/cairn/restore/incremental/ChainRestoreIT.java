package io.cairn.restore.incremental;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.cairn.archive.gzip.GzipCodec;
import io.cairn.model.BackupLabel;
import io.cairn.model.ClusterName;
import io.cairn.model.ObjectKey;
import io.cairn.model.Sha256;
import io.cairn.model.backup.CommitObject;
import io.cairn.model.backup.Volume;
import io.cairn.model.error.CairnException;
import io.cairn.model.error.ErrorCode;
import io.cairn.postgres.basebackup.RelationFile;
import io.cairn.postgres.server.LocalServer;
import io.cairn.postgres.server.PostgresBinaries;
import io.cairn.restore.backup.BackupLister;
import io.cairn.restore.backup.BackupReader;
import io.cairn.restore.compare.TableDigest;
import io.cairn.restore.compare.TableDigests;
import io.cairn.restore.engine.PostgresTools;
import io.cairn.restore.engine.RestoreEngine;
import io.cairn.restore.engine.RestoreProgress;
import io.cairn.restore.engine.RestoreResult;
import io.cairn.restore.engine.RestoreSettings;
import io.cairn.restore.fixture.RealBackup;
import io.cairn.restore.fixture.SourceServer;
import io.cairn.restore.fixture.TestKeys;
import io.cairn.restore.plan.BackupSelection;
import io.cairn.restore.plan.RestorePlan;
import io.cairn.restore.plan.RestorePlanner;
import io.cairn.restore.plan.RestoreRequest;
import io.cairn.storage.FakeObjectStore;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
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
        try (LocalServer server = SourceServer.start(temporary, major)) {
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
            if (step == 3) {
                List<Volume> full = chain.getFirst().archives().getLast().volumes();
                breakOff(plan, full.get(full.size() / 2));
                breakOff(plan, chain.getLast().archives().getLast().volumes().getLast());
            }
            RestoreResult result =
                    new RestoreEngine(RestoreSettings.defaults())
                            .restore(plan, RestoreProgress.NONE);
            if (step == 3) {
                // What of the full backup no later one has blocks of, and what the last has whole.
                assertThat(result.bytesKept()).isGreaterThan(10_000_000);
            }

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

    private void breakOff(RestorePlan plan, Volume volume) throws Exception {
        ObjectKey key = volume.object().key();
        byte[] sound = store.read(key, 64 << 20);
        store.damage(
                key,
                bytes -> {
                    bytes[bytes.length / 2] ^= 1;
                    return bytes;
                });
        assertThatThrownBy(() ->
                        new RestoreEngine(RestoreSettings.defaults())
                                .restore(plan, RestoreProgress.NONE))
                .isInstanceOf(CairnException.class)
                .hasMessageContaining(key.value());
        store.damage(key, _ -> sound);
    }

    /** Byte for byte, but for the manifest. */
    @Test
    void theResultIsThatOfPostgresqlsOwnTool() throws Exception {
        Path tool = PostgresTools.program(18, "pg_combinebackup");
        assumeThat(tool).isExecutable();
        List<CommitObject> chain = new ArrayList<>();
        try (LocalServer server = SourceServer.start(temporary, 18)) {
            fill(server);
            chain.add(RealBackup.take(server, CLUSTER, label(0, 'F'), store, KEYS));
            for (int step = 1; step <= 3; step++) {
                change(server, step);
                chain.add(
                        RealBackup.takeIncremental(
                                server, chain.getLast(), label(step, 'I'), store, KEYS));
            }
        }
        List<String> command = new ArrayList<>(List.of(tool.toString(), "-o"));
        command.add(temporary.resolve("combined").toString());
        for (CommitObject backup : chain) {
            Path directory = temporary.resolve(backup.label().toString());
            RawBackup.unpack(backup, store, KEYS, directory);
            command.add(directory.toString());
        }
        run(command);
        Path restored = temporary.resolve("restored");
        new RestoreEngine(RestoreSettings.defaults())
                .restore(plan(chain.getLast(), restored), RestoreProgress.NONE);

        assertThat(tree(restored)).isEqualTo(tree(temporary.resolve("combined")));
    }

    @Test
    void aBackupOnTopOfAnotherThanItSaysIsRefusedBeforeAServerCouldStartOnIt() throws Exception {
        CommitObject other;
        CommitObject incremental;
        try (LocalServer server = SourceServer.startWithoutTemplates(temporary, 18)) {
            CommitObject full = RealBackup.take(server, CLUSTER, label(0, 'F'), store, KEYS);
            change(server);
            other = RealBackup.take(server, CLUSTER, label(1, 'F'), store, KEYS);
            change(server);
            // The parts of the first under the name of the second.
            String renamed =
                    new String(full.toJson(), StandardCharsets.UTF_8)
                            .replace(
                                    "\"label\" : \"" + full.label(),
                                    "\"label\" : \"" + other.label())
                            .replace(
                                    "\"attempt\" : \"" + full.attempt(),
                                    "\"attempt\" : \"" + other.attempt());
            CommitObject parent =
                    CommitObject.fromJson(renamed.getBytes(StandardCharsets.UTF_8), "test");
            incremental = RealBackup.takeIncremental(server, parent, label(2, 'I'), store, KEYS);
        }
        assertThat(incremental.parent()).contains(other.label());
        Path directory = temporary.resolve("restored");

        assertThatThrownBy(() ->
                        new RestoreEngine(RestoreSettings.defaults())
                                .restore(plan(incremental, directory), RestoreProgress.NONE))
                .isInstanceOf(CairnException.class)
                .hasMessageContaining("is not on top of");
        assertThat(directory.resolve("PG_VERSION")).doesNotExist();
        assertThat(directory.resolve("global/pg_control")).doesNotExist();
    }

    @Test
    void aChainWithAHoleIsRefusedBeforeAnythingIsWritten() throws Exception {
        CommitObject full;
        CommitObject first;
        CommitObject second;
        try (LocalServer server = SourceServer.startWithoutTemplates(temporary, 18)) {
            full = RealBackup.take(server, CLUSTER, label(0, 'F'), store, KEYS);
            change(server);
            first = RealBackup.takeIncremental(server, full, label(1, 'I'), store, KEYS);
            change(server);
            second = RealBackup.takeIncremental(server, first, label(2, 'I'), store, KEYS);
        }
        Path directory = temporary.resolve("restored");
        store.delete(first.archives().getFirst().volumes().getFirst().object().key());
        assertThatThrownBy(() -> plan(second, directory))
                .isInstanceOfSatisfying(
                        CairnException.class,
                        e -> assertThat(e.code()).isEqualTo(ErrorCode.ARCHIVE_INCOMPLETE))
                .hasMessageContaining(first.label().toString());

        store.delete(full.layout().commit());
        assertThatThrownBy(() -> plan(first, directory))
                .isInstanceOfSatisfying(
                        CairnException.class,
                        e ->
                                assertThat(e.code())
                                        .isIn(
                                                ErrorCode.BACKUP_NOT_FOUND,
                                                ErrorCode.ARCHIVE_INCOMPLETE));
        assertThat(directory).doesNotExist();
    }

    private static void change(LocalServer server) throws SQLException {
        server.execute(
                "postgres",
                "CREATE TABLE IF NOT EXISTS changes (at timestamptz)",
                "INSERT INTO changes VALUES (now())",
                "CHECKPOINT");
    }

    /** Path → digest of the content; what both tools write of their own is left out. */
    private static Map<String, Sha256> tree(Path directory) throws IOException {
        Map<String, Sha256> digests = new TreeMap<>();
        try (Stream<Path> files = Files.walk(directory)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                String name = directory.relativize(file).toString();
                if (!name.equals("backup_manifest")) {
                    digests.put(name, Sha256.of(Files.readAllBytes(file)));
                }
            }
        }
        return digests;
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

    /**
     * Blocks changed, added and cut off; files new, gone, rewritten, emptied and filled. Nothing is
     * cut off and grows again between the same two backups with a checkpoint between: servers of
     * 17.11 and 18.6 then leave blocks out, if they happen to read the later WAL summary first.
     */
    private static void change(LocalServer server, int step) throws SQLException {
        server.execute(
                "postgres",
                "UPDATE big SET t = 'step " + step + "' WHERE n % 997 = " + step,
                "INSERT INTO big SELECT g, 'new' FROM generate_series("
                        + (20000 * step + 1)
                        + ", "
                        + (20000 * step + 3000)
                        + ") g",
                "CREATE TABLE added_" + step + " AS SELECT * FROM big LIMIT 1000",
                "CHECKPOINT");
        if (step == 1) {
            server.execute("postgres", "DROP TABLE goes", "INSERT INTO empty VALUES (1)");
        }
        if (step < 3) {
            server.execute(
                    "postgres",
                    "DELETE FROM shrinks WHERE n > " + (20000 - 6000 * step),
                    "VACUUM shrinks");
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
                    .noneMatch(name -> name.startsWith(RelationFile.INCREMENTAL));
        }
    }

    /** Where it is at hand: every file is what the manifest of the result says. */
    private static void verifyByServersTool(int major, Path directory) throws Exception {
        Path tool = PostgresTools.program(major, "pg_verifybackup");
        if (!Files.isExecutable(tool)) {
            return;
        }
        run(List.of(tool.toString(), "--exit-on-error", "--no-parse-wal", directory.toString()));
    }

    private static void run(List<String> command) throws Exception {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
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
