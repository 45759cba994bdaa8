package io.cairn.restore.database;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cairn.archive.gzip.GzipCodec;
import io.cairn.model.BackupLabel;
import io.cairn.model.ClusterName;
import io.cairn.model.Lsn;
import io.cairn.model.Timeline;
import io.cairn.model.backup.CommitObject;
import io.cairn.model.error.CairnException;
import io.cairn.model.error.ErrorCode;
import io.cairn.model.wal.SegmentSize;
import io.cairn.postgres.server.LocalServer;
import io.cairn.postgres.server.PostgresBinaries;
import io.cairn.restore.backup.BackupLister;
import io.cairn.restore.backup.BackupReader;
import io.cairn.restore.engine.RestoreEngine;
import io.cairn.restore.engine.RestoreProgress;
import io.cairn.restore.engine.RestoreSettings;
import io.cairn.restore.fixture.RealBackup;
import io.cairn.restore.fixture.SourceServer;
import io.cairn.restore.fixture.TestKeys;
import io.cairn.restore.fixture.WalArchive;
import io.cairn.restore.recovery.Recovery;
import io.cairn.restore.recovery.RecoveryPlan;
import io.cairn.restore.recovery.RecoveryPlanner;
import io.cairn.restore.recovery.RecoveryProgress;
import io.cairn.restore.recovery.RecoveryRequest;
import io.cairn.restore.recovery.RecoverySettings;
import io.cairn.restore.recovery.RecoveryTarget;
import io.cairn.restore.recovery.TargetAction;
import io.cairn.storage.FakeObjectStore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Some databases of a cluster come back; of the others nothing is left. */
class SelectedDatabasesIT {

    private static final TestKeys KEYS = TestKeys.create();
    private static final ClusterName CLUSTER = new ClusterName("shop");
    private static final BackupLabel FULL = new BackupLabel("20261122T020000Z-F");
    private static final SegmentSize SEGMENT = new SegmentSize(1 << 20);
    private static final Timeline FIRST = new Timeline(1);

    @TempDir private Path temporary;

    private final FakeObjectStore store = FakeObjectStore.plain("primary");

    @ParameterizedTest
    @ValueSource(ints = {15, 18})
    void theNamedDatabaseComesBackAndTheOthersAreDropped(int major) throws Exception {
        CommitObject newest = fill(major);
        Path directory = temporary.resolve("restored");
        RecoveryRequest wanted =
                RecoveryRequest.of(CLUSTER, new RecoveryTarget.Latest(), directory)
                        .withDatabases(Set.of("wanted"));
        RecoveryPlan all =
                planner().plan(RecoveryRequest.of(CLUSTER, new RecoveryTarget.Latest(), directory));

        RecoveryPlan plan = planner().plan(wanted);

        assertThat(plan.commit().label()).isEqualTo(newest.label());
        assertThat(plan.base().databases().excluded()).hasSize(2);
        assertThat(all.base().space().total() - plan.base().space().total())
                .isGreaterThan(12_000_000);
        recover(plan);
        try (LocalServer server =
                LocalServer.on(PostgresBinaries.find(major), directory).privateSocket().start()) {
            assertThat(
                            WalArchive.ask(
                                    server,
                                    "SELECT string_agg(datname, ' ' ORDER BY datname) FROM pg_database"))
                    .isEqualTo("postgres template0 template1 wanted");
            assertThat(ask(server, "SELECT count(*) || ' ' || sum(n) FROM t"))
                    .isEqualTo("3000 4501500");
        }
        try (Stream<Path> left = Files.list(directory.resolve("base"))) {
            assertThat(left).hasSize(4);
        }
        refusals(wanted);
    }

    private void refusals(RecoveryRequest wanted) {
        Path directory = temporary.resolve("never");
        RecoveryRequest elsewhere =
                RecoveryRequest.of(CLUSTER, wanted.target(), directory)
                        .withDatabases(Set.of("wanted"));
        assertThatThrownBy(() -> planner().plan(elsewhere.withDatabases(Set.of("wnated"))))
                .isInstanceOfSatisfying(
                        CairnException.class,
                        e -> {
                            assertThat(e.code()).isEqualTo(ErrorCode.REQUEST_INVALID);
                            assertThat(e).hasMessageContaining("no database 'wnated'");
                            assertThat(e.hint().orElse("")).contains("other", "wanted");
                        });
        assertThatThrownBy(() -> planner().plan(elsewhere.withAction(TargetAction.PAUSE)))
                .isInstanceOf(CairnException.class)
                .hasMessageContaining("could not be dropped");
        assertThat(directory).doesNotExist();
    }

    /**
     * What the others do after the backup is replayed into files without content: changed pages,
     * files that shrink, indexes, a database that is a copy of another, one that is dropped.
     */
    private CommitObject fill(int major) throws Exception {
        try (LocalServer server = SourceServer.start(temporary, major)) {
            server.execute(
                    "postgres",
                    "CREATE DATABASE wanted",
                    "CREATE DATABASE other IS_TEMPLATE true",
                    "CREATE DATABASE gone");
            for (String database : List.of("wanted", "other", "gone")) {
                server.execute(
                        database,
                        "CREATE TABLE t (n int PRIMARY KEY, s text)",
                        "INSERT INTO t SELECT g, repeat('x', 500) FROM generate_series(1, 2000) g");
            }
            CommitObject newest = RealBackup.take(server, CLUSTER, FULL, store, KEYS);
            Lsn from = SEGMENT.startOf(newest.startLsn());
            change(server);
            if (major >= 17) {
                newest =
                        RealBackup.takeIncremental(
                                server, newest, new BackupLabel("20261122T030000Z-I"), store, KEYS);
            }
            server.execute(
                    "wanted", "INSERT INTO t SELECT g, 'y' FROM generate_series(2001, 3000) g");
            change(server);
            server.execute(
                    "postgres",
                    "CREATE DATABASE copied TEMPLATE other STRATEGY file_copy",
                    "DROP DATABASE gone");
            server.execute("copied", "UPDATE t SET s = 'copied'");
            new WalArchive(store, KEYS, newest.layout().root(), SEGMENT, FIRST, from)
                    .everything(server, FIRST, from);
            return newest;
        }
    }

    private static void change(LocalServer server) throws SQLException {
        server.execute(
                "other",
                "UPDATE t SET s = s || 'z' WHERE n % 7 = 0",
                "CREATE TABLE IF NOT EXISTS u AS SELECT * FROM t",
                "DELETE FROM u WHERE n > 500",
                "VACUUM (TRUNCATE) u",
                "CREATE INDEX ON t (s)",
                "TRUNCATE u",
                "CREATE UNLOGGED TABLE IF NOT EXISTS v (n int)",
                "VACUUM FULL t");
    }

    private RecoveryPlanner planner() {
        return new RecoveryPlanner(
                new BackupLister(List.of(new BackupReader(store, KEYS.trustAnchor()))),
                List.of(store),
                KEYS.recipient(),
                GzipCodec.best());
    }

    private static void recover(RecoveryPlan plan) throws InterruptedException {
        new RestoreEngine(RestoreSettings.defaults()).restore(plan.base(), RestoreProgress.NONE);
        new Recovery(RecoverySettings.defaults()).run(plan, RecoveryProgress.NONE);
    }

    private static String ask(LocalServer server, String sql) throws SQLException, IOException {
        try (Connection connection = server.connect("wanted");
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(sql)) {
            row.next();
            return row.getString(1);
        }
    }
}
