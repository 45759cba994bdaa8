package io.cairn.executor.basebackup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.cairn.config.CairnConfig;
import io.cairn.config.CairnConfigReader;
import io.cairn.events.BackupFailed;
import io.cairn.events.BackupSuperseded;
import io.cairn.executor.basebackup.postgres.PostgresSource;
import io.cairn.executor.platform.Dues;
import io.cairn.executor.platform.Platform;
import io.cairn.executor.platform.PlatformExtension;
import io.cairn.executor.platform.SourceServer;
import io.cairn.executor.platform.StoredBackup;
import io.cairn.model.BackupKind;
import io.cairn.model.ClusterName;
import io.cairn.model.Tier;
import io.cairn.model.backup.CommitObject;
import io.cairn.model.error.ErrorCode;
import io.cairn.postgres.server.LocalServer;
import io.cairn.postgres.server.PostgresBinaries;
import io.cairn.storage.ObjectStore;
import io.cairn.storage.s3.S3ObjectStore;
import java.io.IOException;
import java.io.StringReader;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.postgresql.PGConnection;

/**
 * Incrementals that servers of 17.11 and 18.6 make wrong are not committed: what comes back holds
 * the rows of the cluster and no others.
 */
@ExtendWith(PlatformExtension.class)
class IncrementalGuardIT {

    private static final ClusterName CLUSTER = new ClusterName("cut");

    /** Each test has a month of its own: the store is shared. */
    private static final AtomicInteger TESTS = new AtomicInteger();

    @TempDir private Path directory;

    private final Platform platform;
    private final ToldEvents events = new ToldEvents();
    private final Instant begin =
            Instant.parse("2031-01-01T00:00:00Z")
                    .plus(Duration.ofDays(30L * TESTS.incrementAndGet()));
    private final List<AutoCloseable> open = new ArrayList<>();

    IncrementalGuardIT(Platform platform) {
        this.platform = platform;
    }

    @AfterEach
    void close() throws Exception {
        for (AutoCloseable one : open.reversed()) {
            one.close();
        }
    }

    /** A page that COPY adds and does not come to use is mentioned by no WAL. */
    @ParameterizedTest
    @ValueSource(ints = {17, 18})
    void deletedRowsDoNotComeBackWithAPageThatABulkLoadLeftEmpty(int major) throws Exception {
        SourceServer source = start(major);
        source.execute(table("shrinks", 20_000), "VACUUM FREEZE shrinks");
        taken(source, BackupKind.FULL, 0);
        source.execute("DELETE FROM shrinks WHERE n > 10000", "VACUUM shrinks");
        copy(source, 200);
        assertThat(
                        source.ask(
                                "SELECT pg_relation_size('shrinks') / 8192 - 1 > max((ctid::text::point)[0])"
                                        + " FROM shrinks"))
                .as("the last page is empty")
                .isEqualTo("t");

        CommitObject commit = taken(source, BackupKind.INCREMENTAL, 1);

        assertThrownAway(commit);
        assertThat(rows(major, commit, "shrinks")).containsExactly("10200");
    }

    /**
     * The server reads its summaries as the directory lists them: with so many it is a matter of
     * luck whether it loses rows, but hardly that all are in order.
     */
    @ParameterizedTest
    @ValueSource(ints = {17, 18})
    void rowsBehindACutAreNotLostWhereALaterSummaryIsReadFirst(int major) throws Exception {
        SourceServer source = start(major);
        int tables = 7;
        for (int i = 1; i <= tables; i++) {
            source.execute(table("t" + i, 2000));
        }
        source.execute("VACUUM FREEZE");
        taken(source, BackupKind.FULL, 0);
        for (int i = 1; i <= tables + 1; i++) {
            if (i > 1) {
                source.execute(
                        "INSERT INTO t"
                                + (i - 1)
                                + " SELECT g, repeat('x', 300) FROM generate_series(1, 1000) g");
            }
            if (i <= tables) {
                source.execute("DELETE FROM t" + i + " WHERE n > 1000", "VACUUM t" + i);
            }
            source.execute("CHECKPOINT");
        }
        assumeThat(inOrder(source)).as("the directory lists all in order").isFalse();

        CommitObject commit = taken(source, BackupKind.INCREMENTAL, 1);

        assertThrownAway(commit);
        assertThat(rows(major, commit, "t1", "t2", "t3", "t4", "t5", "t6", "t7"))
                .hasSize(tables)
                .containsOnly("2000");
    }

    @ParameterizedTest
    @ValueSource(ints = {17, 18})
    void aTableThatIsCutOrGrowsAgainBeforeTheNextCheckpointCostsNoFull(int major) throws Exception {
        SourceServer source = start(major);
        source.execute(
                table("shrinks", 20_000),
                table("regrows", 20_000),
                table("goes", 100),
                "CREATE TABLE comes AS TABLE goes",
                "VACUUM FREEZE");
        taken(source, BackupKind.FULL, 0);
        source.execute(
                "DELETE FROM regrows WHERE n > 15000",
                "VACUUM regrows",
                "INSERT INTO regrows SELECT g, repeat('x', 300) FROM generate_series(1, 1000) g",
                "CHECKPOINT",
                "DELETE FROM shrinks WHERE n > 15000",
                "VACUUM shrinks",
                "DROP TABLE goes",
                "TRUNCATE comes",
                "CHECKPOINT",
                "INSERT INTO comes SELECT g, 'new' FROM generate_series(1, 1000) g");

        CommitObject commit = taken(source, BackupKind.INCREMENTAL, 1);

        assertThat(commit.kind()).as(commit.reason().toString()).isEqualTo(BackupKind.INCREMENTAL);
        assertThat(events.all(BackupFailed.class)).isEmpty();
    }

    private void assertThrownAway(CommitObject commit) {
        assertThat(commit.kind()).isEqualTo(BackupKind.FULL);
        assertThat(commit.reason().orElseThrow()).contains("blocks since the parent and has grown");
        assertThat(events.only(BackupFailed.class).code())
                .isEqualTo(ErrorCode.POSTGRES_INCREMENTAL_INCOMPLETE);
        assertThat(events.only(BackupSuperseded.class).reason()).isEqualTo(commit.reason());
    }

    private static String table(String name, int rows) {
        return "CREATE TABLE "
                + name
                + " WITH (autovacuum_enabled = off) AS SELECT n, repeat(md5(n::text), 10) AS t"
                + " FROM generate_series(1, "
                + rows
                + ") n";
    }

    private static void copy(SourceServer source, int rows) throws SQLException, IOException {
        StringBuilder lines = new StringBuilder();
        for (int i = 0; i < rows; i++) {
            lines.append(100_000 + i).append('\t').append("x".repeat(600)).append('\n');
        }
        try (Connection connection = source.server().connect("postgres")) {
            connection
                    .unwrap(PGConnection.class)
                    .getCopyAPI()
                    .copyIn("COPY shrinks FROM STDIN", new StringReader(lines.toString()));
        }
    }

    /** Whether the server meets its summaries in the order of their WAL. */
    private static boolean inOrder(SourceServer source) throws IOException {
        List<String> names = new ArrayList<>();
        Path summaries = source.server().dataDirectory().resolve("pg_wal/summaries");
        try (DirectoryStream<Path> files = Files.newDirectoryStream(summaries)) {
            files.forEach(file -> names.add(file.getFileName().toString()));
        }
        return names.equals(names.stream().sorted().toList());
    }

    private SourceServer start(int major) throws Exception {
        SourceServer source =
                SourceServer.bare(major, Files.createDirectories(directory.resolve("source")));
        open.add(source);
        return source;
    }

    private CommitObject taken(SourceServer source, BackupKind kind, int hours)
            throws InterruptedException {
        CairnConfig config =
                CairnConfigReader.read(
                        platform.configFile(Platform.cluster(CLUSTER.toString(), source, ""), ""));
        try (ObjectStore store = S3ObjectStore.open(config.store(Platform.PRIMARY))) {
            RunOutcome outcome =
                    new BackupRuns(
                                    config,
                                    name -> store,
                                    PostgresSource::new,
                                    RunSettings.DEFAULT,
                                    PipelineSettings.DEFAULT,
                                    RunEnvironment.of("test/1"))
                            .run(
                                    Dues.of(
                                            CLUSTER,
                                            Tier.OLTP,
                                            kind,
                                            begin.plus(Duration.ofHours(hours))),
                                    events);
            assertThat(outcome)
                    .as(() -> events.all().toString())
                    .isInstanceOf(RunOutcome.Taken.class);
            return ((RunOutcome.Taken) outcome).backup().commit();
        }
    }

    /** A server is booted on what was stored, which must be a full. */
    private List<String> rows(int major, CommitObject commit, String... tables) throws Exception {
        Path data = unpack(commit);
        List<String> counts = new ArrayList<>();
        try (LocalServer server =
                        LocalServer.on(PostgresBinaries.find(major), data).privateSocket().start();
                Connection connection = server.connect("postgres");
                Statement statement = connection.createStatement()) {
            for (String table : tables) {
                try (ResultSet result = statement.executeQuery("SELECT count(*) FROM " + table)) {
                    result.next();
                    counts.add(result.getString(1));
                }
            }
        }
        return counts;
    }

    private Path unpack(CommitObject commit) throws IOException {
        Path data = directory.resolve("restored");
        StoredBackup.open(
                        platform.store(),
                        commit.layout(),
                        platform.recipient(),
                        platform.trustAnchor())
                .unpack("base.tar", data);
        return data;
    }
}
