package io.cairn.restore.recovery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cairn.model.BackupLabel;
import io.cairn.model.error.CairnException;
import io.cairn.model.error.ErrorCode;
import io.cairn.postgres.server.LocalServer;
import io.cairn.restore.fixture.RealBackup;
import io.cairn.restore.fixture.TestKeys;
import io.cairn.restore.plan.BackupSelection;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Restore points and transactions are found wherever they lie, and the right backup begins. */
class PointLocationIT {

    private static final TestKeys KEYS = TestKeys.create();
    private static final BackupLabel SECOND = new BackupLabel("20261122T030000Z-F");
    private static final BackupLabel THIRD = new BackupLabel("20261122T040000Z-F");

    @TempDir private Path temporary;

    /** What a target is, which backup begins, and the rows that come back. */
    private record Expected(RecoveryTarget target, BackupLabel base, String rows) {}

    @ParameterizedTest
    @ValueSource(ints = {15, 18})
    void theBackupBeforeThePointBegins(int major) throws Exception {
        try (RecoveredSource source = RecoveredSource.start(temporary, major, KEYS)) {
            source.server.execute("postgres", "ALTER SYSTEM SET max_prepared_transactions = 5");
            source.server.stop();
            source.server.start();
            List<Expected> expected = new ArrayList<>();
            source.rows(1, 10);
            point(source, "first release");
            expected.add(named("first release", RecoveredSource.LABEL, "1-10 of 10"));
            point(source, "nightly");
            source.bulk();
            source.rows(11, 20);
            String xid = committed(source, 21);
            expected.add(
                    new Expected(RecoveryTarget.xid(xid), RecoveredSource.LABEL, "1-21 of 21"));
            source.rows(22, 30);
            RealBackup.take(source.server, RecoveredSource.CLUSTER, SECOND, source.store, KEYS);
            source.rows(31, 40);
            point(source, "second release");
            expected.add(named("second release", SECOND, "1-40 of 40"));
            String prepared = prepared(source, 41);
            source.rows(42, 50);
            source.server.execute("postgres", "COMMIT PREPARED 'later'");
            expected.add(new Expected(RecoveryTarget.xid(prepared), SECOND, "1-50 of 50"));
            source.rows(51, 60);
            point(source, "nightly");
            expected.add(named("nightly", SECOND, "1-60 of 60"));
            source.rows(61, 70);
            RealBackup.take(source.server, RecoveredSource.CLUSTER, THIRD, source.store, KEYS);
            source.rows(71, 75);
            source.archiveEverything();

            for (int i = 0; i < expected.size(); i++) {
                Expected each = expected.get(i);
                Path directory = temporary.resolve("restored-" + i);
                RecoveryPlan plan = source.planner().plan(request(each.target(), directory));

                assertThat(plan.commit().label()).as("%s", each).isEqualTo(each.base());
                // What differs between versions is the record of a prepared transaction.
                if (major == 18 || each.target().equals(RecoveryTarget.xid(prepared))) {
                    RecoveredSource.recover(plan);
                    assertThat(source.numbers(directory)).as("%s", each).isEqualTo(each.rows());
                }
            }
            aBackupThatIsNamedIsNotPassed(source);
        }
    }

    /** The older point of two is reached only where the newer one is not known. */
    private void aBackupThatIsNamedIsNotPassed(RecoveredSource source) throws Exception {
        Path directory = temporary.resolve("named");
        RecoveryRequest fromFirst =
                request(new RecoveryTarget.Name("nightly"), directory)
                        .withBase(new BackupSelection.Labelled(RecoveredSource.LABEL));

        RecoveryPlan plan = source.planner().plan(fromFirst);

        assertThat(plan.commit().label()).isEqualTo(RecoveredSource.LABEL);
        assertThat(plan.notes())
                .anyMatch(note ->
                        note.startsWith("restore point 'nightly' exists 2 times; the newest is"));
        if (source.major == 18) {
            RecoveredSource.recover(plan);
            assertThat(source.numbers(directory)).isEqualTo("1-60 of 60");
        }

        RecoveryRequest tooLate =
                request(new RecoveryTarget.Name("nightly"), temporary.resolve("late"))
                        .withBase(new BackupSelection.Labelled(THIRD));
        assertThatThrownBy(() -> source.planner().plan(tooLate))
                .isInstanceOfSatisfying(
                        CairnException.class,
                        e -> assertThat(e.code()).isEqualTo(ErrorCode.RECOVERY_TARGET_UNREACHABLE))
                .hasMessageContaining("from the end of " + THIRD);
    }

    private static Expected named(String name, BackupLabel base, String rows) {
        return new Expected(new RecoveryTarget.Name(name), base, rows);
    }

    private static RecoveryRequest request(RecoveryTarget target, Path directory) {
        return RecoveryRequest.of(RecoveredSource.CLUSTER, target, directory);
    }

    private static void point(RecoveredSource source, String name) throws SQLException {
        source.ask("SELECT pg_create_restore_point('" + name + "')");
    }

    private static String committed(RecoveredSource source, int n) throws SQLException {
        return source.ask(
                "WITH i AS (INSERT INTO t VALUES ("
                        + n
                        + ", '') RETURNING 1) SELECT pg_current_xact_id() FROM i");
    }

    /** With subtransactions, a dropped table and invalidations before its id in the record. */
    private static String prepared(RecoveredSource source, int n) throws SQLException {
        LocalServer server = source.server;
        server.execute("postgres", "CREATE TABLE gone (n int PRIMARY KEY, s text)");
        try (Connection connection = server.connect("postgres");
                Statement statement = connection.createStatement()) {
            statement.execute("BEGIN");
            statement.execute("INSERT INTO t VALUES (" + n + ", '')");
            statement.execute("SAVEPOINT a");
            statement.execute("DROP TABLE gone");
            statement.execute("RELEASE a");
            String xid;
            try (var row = statement.executeQuery("SELECT pg_current_xact_id()::text")) {
                row.next();
                xid = row.getString(1);
            }
            statement.execute("PREPARE TRANSACTION 'later'");
            return xid;
        }
    }
}
