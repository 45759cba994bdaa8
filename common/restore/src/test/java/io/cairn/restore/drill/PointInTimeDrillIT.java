package io.cairn.restore.drill;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cairn.model.BackupLabel;
import io.cairn.model.ClusterName;
import io.cairn.model.Lsn;
import io.cairn.model.Timeline;
import io.cairn.model.backup.CommitObject;
import io.cairn.model.error.CairnException;
import io.cairn.model.wal.SegmentSize;
import io.cairn.model.wal.WalSegment;
import io.cairn.postgres.server.LocalServer;
import io.cairn.restore.backup.BackupReader;
import io.cairn.restore.fixture.RealBackup;
import io.cairn.restore.fixture.SourceServer;
import io.cairn.restore.fixture.TestKeys;
import io.cairn.restore.fixture.WalArchive;
import io.cairn.storage.FakeObjectStore;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A full backup, an incremental one on top, and the WAL behind it: what a day leaves in a store.
 */
class PointInTimeDrillIT {

    private static final TestKeys KEYS = TestKeys.create();
    private static final ClusterName CLUSTER = new ClusterName("shop");
    private static final SegmentSize SEGMENT = new SegmentSize(1 << 20);
    private static final Timeline FIRST = new Timeline(1);

    @TempDir private Path temporary;

    private final FakeObjectStore store = FakeObjectStore.plain("primary");

    @Test
    void theNewestChainIsBroughtToTheMomentThatIsAskedForFromOneStoresWal() throws Exception {
        CommitObject incremental;
        List<Instant> asked = new ArrayList<>();
        WalArchive archive;
        Lsn asLast;
        try (LocalServer server = SourceServer.startWithoutTemplates(temporary, 18)) {
            server.execute("postgres", "CREATE TABLE t AS SELECT generate_series(1, 1000) AS n");
            CommitObject full =
                    RealBackup.take(
                            server, CLUSTER, new BackupLabel("20261122T020000Z-F"), store, KEYS);
            server.execute("postgres", "INSERT INTO t SELECT generate_series(1001, 2000)");
            incremental =
                    RealBackup.takeIncremental(
                            server, full, new BackupLabel("20261122T030000Z-I"), store, KEYS);
            assertThat(drill(incremental, asked))
                    .isInstanceOfSatisfying(
                            DrillOutcome.Completed.class,
                            alone -> assertThat(alone.pointInTime()).isEmpty());
            Lsn from = SEGMENT.startOf(incremental.startLsn());
            archive =
                    new WalArchive(store, KEYS, incremental.layout().root(), SEGMENT, FIRST, from);
            server.execute(
                    "postgres",
                    "INSERT INTO t SELECT generate_series(2001, 30000)",
                    "CREATE TABLE after_the_moment (n int)");
            asLast = archive.everything(server, FIRST, from);
        }

        DrillOutcome outcome = drill(incremental, asked);

        assertThat(outcome)
                .isInstanceOfSatisfying(
                        DrillOutcome.Completed.class,
                        drilled -> {
                            assertThat(drilled.chain())
                                    .extracting(BackupLabel::toString)
                                    .containsExactly("20261122T020000Z-F", "20261122T030000Z-I");
                            assertThat(drilled.bytes()).isGreaterThan(incremental.bytesIn());
                            assertThat(drilled.rows()).isGreaterThan(30_000);
                            assertThat(drilled.rto())
                                    .isPositive()
                                    .isLessThan(Duration.ofMinutes(1));
                            assertThat(drilled.notes()).isEmpty();
                            DrillOutcome.PointInTime reached = drilled.pointInTime().orElseThrow();
                            assertThat(reached.target())
                                    .isEqualTo(asked.getLast().truncatedTo(ChronoUnit.MICROS));
                            assertThat(reached.reached())
                                    .isGreaterThan(incremental.stopLsn())
                                    .isLessThanOrEqualTo(asLast);
                            assertThat(reached.walBytes())
                                    .isEqualTo(reached.reached().minus(incremental.startLsn()));
                        });
        assertThat(asked.getFirst()).isEqualTo(incremental.completedAt());

        WalSegment second = WalSegment.containing(FIRST, incremental.stopLsn(), SEGMENT).next();
        store.damage(
                archive.layout().segment(second),
                bytes -> {
                    bytes[bytes.length / 2] ^= 1;
                    return bytes;
                });
        assertThatThrownBy(() -> drill(incremental, asked))
                .isInstanceOf(CairnException.class)
                .hasMessageContaining(second.name());
        assertThat(temporary.resolve("scratch")).isEmptyDirectory();
    }

    /** To the last moment; remembers both. */
    private DrillOutcome drill(CommitObject commit, List<Instant> asked)
            throws InterruptedException {
        return new Drill(
                        DrillSettings.in(temporary.resolve("scratch")),
                        KEYS.recipient(),
                        InstantSource.system(),
                        new Random())
                .run(
                        new BackupReader(store, KEYS.trustAnchor()),
                        commit.layout(),
                        (earliest, latest) -> {
                            asked.add(earliest);
                            asked.add(latest);
                            return latest;
                        });
    }
}
