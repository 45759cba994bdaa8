package io.cairn.restore.recovery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cairn.model.BackupLabel;
import io.cairn.model.Lsn;
import io.cairn.model.Timeline;
import io.cairn.model.backup.CommitObject;
import io.cairn.model.error.CairnException;
import io.cairn.model.error.ErrorCode;
import io.cairn.restore.fixture.RealBackup;
import io.cairn.restore.fixture.TestKeys;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RecoveryIT {

    private static final TestKeys KEYS = TestKeys.create();

    @TempDir private Path temporary;

    /** Every tenth number has a target right behind it. */
    @ParameterizedTest
    @ValueSource(ints = {15, 18})
    void everyTargetBringsBackWhatWasCommittedThen(int major) throws Exception {
        Map<RecoveryTarget, String> expected = new LinkedHashMap<>();
        try (RecoveredSource source = RecoveredSource.start(temporary, major, KEYS)) {
            source.rows(1, 10);
            expected.put(RecoveryTarget.time(source.ask("SELECT clock_timestamp()")), "1-10 of 10");
            source.bulk();
            source.rows(11, 20);
            expected.put(
                    new RecoveryTarget.Lsn(
                            Lsn.parse(source.ask("SELECT pg_current_wal_insert_lsn()"))),
                    "1-20 of 20");
            source.rows(21, 29);
            String xid =
                    source.ask(
                            "WITH i AS (INSERT INTO t VALUES (30, '') RETURNING 1)"
                                    + " SELECT pg_current_xact_id() FROM i");
            expected.put(RecoveryTarget.xid(xid), "1-30 of 30");
            source.bulk();
            source.rows(31, 40);
            source.ask("SELECT pg_create_restore_point('before the release')");
            expected.put(new RecoveryTarget.Name("before the release"), "1-40 of 40");
            source.rows(41, 50);
            source.archiveEverything();
            expected.put(new RecoveryTarget.Latest(), "1-50 of 50");
            expected.put(new RecoveryTarget.Immediate(), "none");
            source.rows(51, 55);

            int number = 0;
            for (Map.Entry<RecoveryTarget, String> each : expected.entrySet()) {
                Path directory = temporary.resolve("restored-" + number++);
                RecoveryPlan plan =
                        source.planner()
                                .plan(
                                        RecoveryRequest.of(
                                                RecoveredSource.CLUSTER, each.getKey(), directory));

                RecoveryResult result = RecoveredSource.recover(plan);

                assertThat(result.timeline()).as("%s", each.getKey()).contains(new Timeline(2));
                assertThat(source.numbers(directory))
                        .as("%s", each.getKey())
                        .isEqualTo(each.getValue());
                assertThat(directory.resolve("standby.signal")).doesNotExist();
                assertThat(Path.of(directory + ".recovery.log")).doesNotExist();
                assertThat(Files.list(directory.resolve("pg_wal")).map(Path::getFileName))
                        .noneMatch(file -> file.toString().startsWith("cairn-"));
            }
        }
    }

    /** Neither backup carries WAL: without what is stored they are nothing. */
    @Test
    void anIncrementalBackupWithoutWalIsBegunWith() throws Exception {
        try (RecoveredSource source = RecoveredSource.start(temporary, 18, KEYS)) {
            source.rows(1, 10);
            CommitObject full =
                    RealBackup.takeWithoutWal(
                            source.server,
                            RecoveredSource.CLUSTER,
                            new BackupLabel("20261122T030000Z-F"),
                            source.store,
                            KEYS);
            source.rows(11, 20);
            source.bulk();
            CommitObject incremental =
                    RealBackup.takeIncrementalWithoutWal(
                            source.server,
                            full,
                            new BackupLabel("20261122T040000Z-I"),
                            source.store,
                            KEYS);
            assertThat(incremental.includesWal()).isFalse();
            source.rows(21, 30);
            RecoveryRequest request =
                    RecoveryRequest.of(
                            RecoveredSource.CLUSTER,
                            new RecoveryTarget.Latest(),
                            temporary.resolve("restored"));
            assertThatThrownBy(() -> source.planner().plan(request))
                    .isInstanceOfSatisfying(
                            CairnException.class,
                            e ->
                                    assertThat(e.code())
                                            .isEqualTo(ErrorCode.RECOVERY_TARGET_UNREACHABLE))
                    .hasMessageContaining("needs the WAL from " + incremental.startLsn());
            source.archiveEverything();

            RecoveryPlan plan = source.planner().plan(request);
            assertThat(plan.commit().label()).isEqualTo(incremental.label());
            assertThat(plan.base().before())
                    .extracting(backup -> backup.commit().label())
                    .containsExactly(full.label());
            RecoveredSource.recover(plan);

            assertThat(source.numbers(temporary.resolve("restored"))).isEqualTo("1-30 of 30");
        }
    }
}
