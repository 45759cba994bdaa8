package io.cairn.restore.drill;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cairn.archive.ArchiveSettings;
import io.cairn.model.BackupLabel;
import io.cairn.model.ClusterName;
import io.cairn.model.backup.BackupLayout;
import io.cairn.model.backup.ClusterRoot;
import io.cairn.model.backup.CommitObject;
import io.cairn.model.error.CairnException;
import io.cairn.model.error.ErrorCode;
import io.cairn.postgres.server.DataDirectory;
import io.cairn.postgres.server.LocalServer;
import io.cairn.postgres.server.PostgresBinaries;
import io.cairn.restore.backup.BackupReader;
import io.cairn.restore.engine.RestoreSettings;
import io.cairn.restore.fixture.RealBackup;
import io.cairn.restore.fixture.SampleCluster;
import io.cairn.restore.fixture.SyntheticBackup;
import io.cairn.restore.fixture.TestKeys;
import io.cairn.storage.FakeObjectStore;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DrillIT {

    private static final TestKeys KEYS = TestKeys.create();
    private static final ClusterName CLUSTER = new ClusterName("shop");
    private static final BackupLabel LABEL = new BackupLabel("20261122T020000Z-F");

    @TempDir private Path temporary;

    private final FakeObjectStore store = FakeObjectStore.plain("primary");
    private Path scratch = Path.of("set in setUp");

    @BeforeEach
    void setUp() {
        scratch = temporary.resolve("scratch");
    }

    @ParameterizedTest
    @ValueSource(ints = {15, 18})
    void aSoundBackupIsBootedAndReadInFull(int major) throws Exception {
        CommitObject commit;
        try (SampleCluster source = SampleCluster.start(temporary, major)) {
            commit = RealBackup.take(source.server(), CLUSTER, LABEL, store, KEYS);
        }

        DrillOutcome outcome = drill(commit, DrillSettings.in(scratch));

        assertThat(outcome)
                .isInstanceOfSatisfying(
                        DrillOutcome.Completed.class,
                        completed -> {
                            assertThat(completed.databases()).isEqualTo(4);
                            assertThat(completed.tables()).isGreaterThan(4 * 60);
                            assertThat(completed.rows()).isGreaterThan(40_000 + 60);
                            assertThat(completed.amcheck()).isTrue();
                            assertThat(completed.notes()).isEmpty();
                            assertThat(completed.rto())
                                    .isPositive()
                                    .isLessThan(
                                            Duration.between(
                                                            completed.startedAt(),
                                                            completed.completedAt())
                                                    .plusSeconds(1));
                        });
        assertThat(scratch).isEmptyDirectory();
    }

    /**
     * Debian keeps the configuration outside of PGDATA; what it says must not matter to a drill,
     * nor what ALTER SYSTEM said.
     */
    @Test
    void aDebianStyleClusterDrillsWithNothingOfItsConfiguration() throws Exception {
        Path elsewhere = Files.createDirectories(temporary.resolve("etc"));
        Path trace = temporary.resolve("trace");
        PostgresBinaries binaries = PostgresBinaries.find(18);
        Path data =
                DataDirectory.at(binaries, temporary.resolve("debian")).copiedForTest().create();
        for (String file : new String[] {"postgresql.conf", "pg_hba.conf", "pg_ident.conf"}) {
            Files.move(data.resolve(file), elsewhere.resolve(file));
        }
        CommitObject commit;
        try (LocalServer server =
                LocalServer.on(binaries, data)
                        .ownConfigurationOnly()
                        .hostBasedAuthentication(
                                "host all all 127.0.0.1/32 trust",
                                "host replication all 127.0.0.1/32 trust")
                        .setting("max_connections", "313")
                        .start()) {
            server.execute("postgres", "CREATE TABLE t AS SELECT n FROM generate_series(1, 100) n");
            server.execute(
                    "postgres",
                    "CREATE ROLE backup SUPERUSER LOGIN",
                    "CREATE SUBSCRIPTION s CONNECTION 'host=127.0.0.1 port=1 dbname=x' PUBLICATION p"
                            + " WITH (connect = false, enabled = false, slot_name = NONE)",
                    "UPDATE pg_subscription SET subenabled = true",
                    "ALTER SYSTEM SET archive_command = 'touch " + trace + "'",
                    "ALTER SYSTEM SET archive_mode = on",
                    "ALTER SYSTEM SET restore_command = 'touch " + trace + "'",
                    "ALTER SYSTEM SET shared_buffers = '40GB'",
                    "ALTER SYSTEM SET shared_preload_libraries = 'no_such_library'",
                    "ALTER SYSTEM SET synchronous_standby_names = 'somebody'",
                    "ALTER SYSTEM SET listen_addresses = '*'",
                    "ALTER SYSTEM SET external_pid_file = '" + trace + "'",
                    "ALTER SYSTEM SET log_directory = '" + temporary + "'",
                    "ALTER SYSTEM SET unix_socket_directories = '" + temporary + "'",
                    "ALTER SYSTEM SET ssl = on",
                    "ALTER SYSTEM SET hba_file = '" + elsewhere.resolve("pg_hba.conf") + "'",
                    "ALTER ROLE postgres SET session_preload_libraries = 'no_such_library'",
                    "ALTER ROLE postgres SET statement_timeout = '1ms'",
                    "ALTER ROLE postgres SET search_path = nowhere");
            commit =
                    RealBackup.take(
                            server,
                            "backup",
                            CLUSTER,
                            LABEL,
                            store,
                            KEYS,
                            ArchiveSettings.defaults());
        }

        DrillOutcome outcome = drill(commit, DrillSettings.in(scratch));

        assertThat(outcome).isInstanceOf(DrillOutcome.Completed.class);
        assertThat(scratch).isEmptyDirectory();
        assertThat(trace).doesNotExist();
        assertThat(commit.settings()).containsEntry("max_connections", "313");
    }

    /**
     * The bytes are those of the source, but the source was broken: only a server that reads
     * everything finds it.
     */
    @Test
    void aTableThatWasBrokenAtTheSourceFailsTheDrill() throws Exception {
        PostgresBinaries binaries = PostgresBinaries.find(18);
        Path data =
                DataDirectory.at(binaries, temporary.resolve("broken"))
                        .checksums(false)
                        .copiedForTest()
                        .create();
        String file;
        try (LocalServer server = LocalServer.on(binaries, data).start()) {
            server.execute(
                    "postgres",
                    "CREATE TABLE precious (id int PRIMARY KEY, t text)",
                    "INSERT INTO precious SELECT n, md5(n::text) FROM generate_series(1, 10000) n",
                    "CHECKPOINT");
            file = value(server, "SELECT pg_relation_filepath('precious')");
        }
        try (RandomAccessFile table = new RandomAccessFile(data.resolve(file).toFile(), "rw")) {
            byte[] rubbish = new byte[4096];
            new Random(7).nextBytes(rubbish);
            table.seek(3 * 8192 + 2048);
            table.write(rubbish);
        }
        CommitObject commit;
        try (LocalServer server = LocalServer.on(binaries, data).start()) {
            commit = RealBackup.take(server, CLUSTER, LABEL, store, KEYS);
        }

        assertThatThrownBy(() -> drill(commit, DrillSettings.in(scratch)))
                .isInstanceOfSatisfying(
                        CairnException.class,
                        e -> {
                            assertThat(e.code()).isEqualTo(ErrorCode.DRILL_FAILED);
                            assertThat(e.getMessage())
                                    .contains("database postgres")
                                    .contains("precious");
                        });
        assertThat(scratch).isEmptyDirectory();
    }

    /** The rows read well, one by one; only amcheck sees that the index does not have them. */
    @Test
    void anIndexThatLacksRowsFailsTheDrill() throws Exception {
        PostgresBinaries binaries = PostgresBinaries.find(18);
        Path data = DataDirectory.at(binaries, temporary.resolve("index")).copiedForTest().create();
        CommitObject commit;
        try (LocalServer server = LocalServer.on(binaries, data).start()) {
            server.execute(
                    "postgres",
                    "CREATE TABLE t (n int)",
                    "INSERT INTO t SELECT generate_series(1, 1000)",
                    "CREATE INDEX t_n ON t (n)",
                    "SET allow_system_table_mods = on",
                    "UPDATE pg_index SET indisready = false WHERE indexrelid = 't_n'::regclass");
            server.execute(
                    "postgres",
                    "INSERT INTO t SELECT generate_series(1001, 2000)",
                    "SET allow_system_table_mods = on",
                    "UPDATE pg_index SET indisready = true WHERE indexrelid = 't_n'::regclass");
            commit = RealBackup.take(server, CLUSTER, LABEL, store, KEYS);
        }

        assertThatThrownBy(() -> drill(commit, DrillSettings.in(scratch)))
                .isInstanceOf(CairnException.class)
                .hasMessageContaining("t_n");
    }

    @Test
    void withoutProgramsOfTheMajorVersionTheDrillIsSkipped() throws Exception {
        new SyntheticBackup().ofServerVersion(990_001).storeIn(store, KEYS);
        assertThat(drill(layout(), DrillSettings.in(scratch)))
                .isInstanceOfSatisfying(
                        DrillOutcome.Skipped.class,
                        skipped -> assertThat(skipped.reason()).contains("PostgreSQL 99", "hint:"));
        assertThat(scratch).doesNotExist();
    }

    /** Its control file is not one of these programs', which says nothing about the backup. */
    @Test
    void aClusterOfOtherwiseBuiltProgramsIsNotJudged() throws Exception {
        new SyntheticBackup().storeIn(store, KEYS);
        assertThat(drill(layout(), DrillSettings.in(scratch)))
                .isInstanceOfSatisfying(
                        DrillOutcome.Skipped.class,
                        skipped ->
                                assertThat(skipped.reason()).contains("incompatible with server"));
        assertThat(scratch).isEmptyDirectory();
    }

    @Test
    void aServerThatDoesNotGetReadyFailsTheDrillAndIsEnded() throws Exception {
        CommitObject commit = emptyCluster(18);
        DrillSettings impatient =
                settings(Map.of(), Duration.ofMillis(1), DrillSettings.LIMIT_DEFAULT);
        assertThatThrownBy(() -> drill(commit, impatient))
                .isInstanceOfSatisfying(
                        CairnException.class,
                        e -> assertThat(e.code()).isEqualTo(ErrorCode.POSTGRES_BOOT_FAILED));
        assertThat(scratch).isEmptyDirectory();
    }

    @Test
    void aDrillThatTakesTooLongIsEnded() throws Exception {
        CommitObject commit = emptyCluster(18);
        DrillSettings hurried =
                settings(Map.of(), DrillSettings.START_TIMEOUT_DEFAULT, Duration.ofMillis(1));
        assertThatThrownBy(() -> drill(commit, hurried))
                .isInstanceOfSatisfying(
                        CairnException.class,
                        e -> assertThat(e.code()).isEqualTo(ErrorCode.RUN_DEADLINE_PASSED));
        assertThat(scratch).isEmptyDirectory();
    }

    private DrillSettings settings(
            Map<Integer, Path> postgres, Duration startTimeout, Duration limit) {
        return new DrillSettings(
                scratch,
                postgres,
                DrillSettings.SHARED_BUFFERS_MEGABYTES_DEFAULT,
                Set.of(),
                startTimeout,
                limit,
                RestoreSettings.defaults(),
                OptionalLong.empty());
    }

    /** Its server too: one that no process stops any more. */
    @Test
    void whatAKilledDrillLeftIsRemovedAtTheNextStart() throws Exception {
        Path left = Files.createDirectories(scratch.resolve("drill-0123456789abcdef"));
        Files.writeString(left.resolve("drill.lock"), "");
        PostgresBinaries binaries = PostgresBinaries.find(18);
        Path data = DataDirectory.at(binaries, left.resolve("data")).copiedForTest().create();
        try (LocalServer orphan = LocalServer.on(binaries, data).privateSocket().start()) {
            ProcessHandle postmaster = ProcessHandle.of(orphan.pid()).orElseThrow();

            engine(DrillSettings.in(scratch)).cleanUp();

            assertThat(postmaster.isAlive()).isFalse();
            assertThat(scratch).isEmptyDirectory();
            Files.createDirectories(data);
        }
    }

    @Test
    void whatDoesNotFitIsSkippedBeforeAnythingIsWrittenAndEndedWhereItGrows() throws Exception {
        CommitObject commit = emptyCluster(18);
        assertThat(drill(commit, DrillSettings.in(scratch).withScratchBytesMax(16 << 20)))
                .isInstanceOfSatisfying(
                        DrillOutcome.Skipped.class,
                        skipped ->
                                assertThat(skipped.reason()).contains("are more than the 16 MiB"));
        assertThat(scratch).isEmptyDirectory();

        // The room that files take is known before; what a server makes of them is not.
        long files = commit.bytesIn() + (6 << 20);
        assertThat(drill(commit, DrillSettings.in(scratch).withScratchBytesMax(files)))
                .isInstanceOfSatisfying(
                        DrillOutcome.Skipped.class,
                        skipped -> assertThat(skipped.reason()).contains("it grew past the"));
        assertThat(scratch).isEmptyDirectory();
    }

    private CommitObject emptyCluster(int major) throws InterruptedException {
        PostgresBinaries binaries = PostgresBinaries.find(major);
        Path data = DataDirectory.at(binaries, temporary.resolve("empty")).copiedForTest().create();
        try (LocalServer server = LocalServer.on(binaries, data).start()) {
            return RealBackup.take(server, CLUSTER, LABEL, store, KEYS);
        }
    }

    private static BackupLayout layout() {
        return new BackupLayout(
                new ClusterRoot(SyntheticBackup.CLUSTER, SyntheticBackup.SYSTEM),
                SyntheticBackup.LABEL);
    }

    private DrillOutcome drill(CommitObject commit, DrillSettings settings)
            throws InterruptedException {
        return drill(commit.layout(), settings);
    }

    private DrillOutcome drill(BackupLayout layout, DrillSettings settings)
            throws InterruptedException {
        return engine(settings).run(new BackupReader(store, KEYS.trustAnchor()), layout);
    }

    private static Drill engine(DrillSettings settings) {
        return new Drill(settings, KEYS.recipient(), InstantSource.system(), new Random());
    }

    private static String value(LocalServer server, String sql) throws SQLException, IOException {
        try (Connection connection = server.connect("postgres");
                var statement = connection.createStatement();
                ResultSet result = statement.executeQuery(sql)) {
            result.next();
            return result.getString(1);
        }
    }
}
