package io.cairn.restore.recovery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cairn.model.Lsn;
import io.cairn.model.Timeline;
import io.cairn.model.error.CairnException;
import io.cairn.model.error.ErrorCode;
import io.cairn.model.wal.LsnRange;
import io.cairn.model.wal.WalSegment;
import io.cairn.postgres.server.LocalServer;
import io.cairn.postgres.server.PostgresBinaries;
import io.cairn.postgres.wal.TimelineHistory;
import io.cairn.restore.fixture.TestKeys;
import io.cairn.restore.fixture.WalArchive;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A cluster that was promoted: what came before the fork and after it is one history. */
class RecoveryTimelineIT {

    private static final TestKeys KEYS = TestKeys.create();
    private static final int MAJOR = 18;
    private static final Timeline SECOND = new Timeline(2);

    @TempDir private Path temporary;

    /** How the segment with the fork came to be stored. */
    private enum ForkStored {
        /** The old timeline's tail as a piece, the new one's segment whole, from its first byte. */
        NEW_SEGMENT_WHOLE,
        /** The old timeline's part as a partial segment, the new one from the fork on. */
        PARTIAL_AND_PIECE,
        /** Nothing of the old timeline's last segment: the new one's begins with a copy of it. */
        ONLY_THE_NEW_TIMELINES_COPY
    }

    @ParameterizedTest
    @EnumSource
    void aPromotedClusterComesBackAlongItsTimelines(ForkStored stored) throws Exception {
        try (RecoveredSource source = RecoveredSource.start(temporary, MAJOR, KEYS)) {
            source.rows(1, 10);
            source.bulk();
            source.rows(11, 20);
            source.bulk();
            source.rows(21, 30);
            Lsn left =
                    source.archive.segments(source.server, RecoveredSource.FIRST, source.archived);
            Path promoted = promote(source, left);
            TimelineHistory history = secondTimeline(source, promoted, left, stored);
            Lsn fork = history.forks().getFirst().switchPoint();
            assertThat(RecoveredSource.SEGMENT.startOf(fork)).isEqualTo(left);

            Path restored = temporary.resolve("restored");
            RecoveryResult result =
                    RecoveredSource.recover(
                            source.planner()
                                    .plan(
                                            RecoveryRequest.of(
                                                    RecoveredSource.CLUSTER,
                                                    new RecoveryTarget.Latest(),
                                                    restored)));
            assertThat(source.numbers(restored)).isEqualTo("1-50 of 50");
            assertThat(result.timeline()).contains(new Timeline(3));

            Path before = temporary.resolve("before");
            RecoveryResult onFirst =
                    RecoveredSource.recover(
                            source.planner()
                                    .plan(
                                            RecoveryRequest.of(
                                                            RecoveredSource.CLUSTER,
                                                            new RecoveryTarget.Lsn(left),
                                                            before)
                                                    .withTimeline(RecoveredSource.FIRST)));
            assertThat(source.numbers(before)).isIn("1-10 of 10", "1-20 of 20");
            // Timeline 2 is taken, although this server never followed it.
            assertThat(onFirst.timeline()).contains(new Timeline(3));
        }
    }

    /** A server on timeline 2, made by recovering the first one's WAL to its end. */
    private Path promote(RecoveredSource source, Lsn left) throws Exception {
        LsnRange tail = new LsnRange(left, WalArchive.flushed(source.server));
        source.archive.piece(
                RecoveredSource.FIRST,
                tail,
                source.archive.bytes(source.server, RecoveredSource.FIRST, tail));
        Path promoted = temporary.resolve("promoted");
        RecoveredSource.recover(
                source.planner()
                        .plan(
                                RecoveryRequest.of(
                                        RecoveredSource.CLUSTER,
                                        new RecoveryTarget.Latest(),
                                        promoted)));
        source.store.delete(source.archive.layout().piece(RecoveredSource.FIRST, tail));
        return promoted;
    }

    private TimelineHistory secondTimeline(
            RecoveredSource source, Path promoted, Lsn left, ForkStored stored) throws Exception {
        try (LocalServer server =
                LocalServer.on(PostgresBinaries.find(MAJOR), promoted)
                        .setting("wal_keep_size", "1GB")
                        .start()) {
            byte[] file = Files.readAllBytes(promoted.resolve("pg_wal/00000002.history"));
            TimelineHistory history = TimelineHistory.parse(SECOND, file);
            Lsn fork = history.forks().getFirst().switchPoint();
            for (int n = 31; n <= 40; n++) {
                server.execute("postgres", "INSERT INTO t VALUES (" + n + ", '')");
            }
            server.execute("postgres", "SELECT pg_switch_wal()");
            for (int n = 41; n <= 50; n++) {
                server.execute("postgres", "INSERT INTO t VALUES (" + n + ", '')");
            }
            source.archive.history(SECOND, file);
            store(source, server, left, fork, stored);
            return history;
        }
    }

    private static void store(
            RecoveredSource source, LocalServer server, Lsn left, Lsn fork, ForkStored stored)
            throws Exception {
        WalSegment segment = WalSegment.containing(SECOND, left, RecoveredSource.SEGMENT);
        byte[] whole = source.archive.bytes(server, SECOND, segment.range());
        int offset = (int) fork.minus(left);
        WalSegment old =
                new WalSegment(RecoveredSource.FIRST, segment.number(), RecoveredSource.SEGMENT);
        switch (stored) {
            case NEW_SEGMENT_WHOLE -> {
                source.archive.piece(
                        RecoveredSource.FIRST,
                        new LsnRange(left, fork),
                        Arrays.copyOf(whole, offset));
                source.archive.segment(segment, whole);
            }
            case PARTIAL_AND_PIECE -> {
                source.archive.partial(old, Arrays.copyOf(whole, offset));
                source.archive.piece(
                        SECOND,
                        new LsnRange(fork, segment.end()),
                        Arrays.copyOfRange(whole, offset, whole.length));
            }
            case ONLY_THE_NEW_TIMELINES_COPY -> source.archive.segment(segment, whole);
        }
        source.archive.everything(server, SECOND, segment.end());
    }

    @Test
    void aTimelineThatNothingLeadsToIsRefused() throws Exception {
        try (RecoveredSource source = RecoveredSource.start(temporary, MAJOR, KEYS)) {
            RecoveryRequest request =
                    RecoveryRequest.of(
                                    RecoveredSource.CLUSTER,
                                    new RecoveryTarget.Latest(),
                                    temporary.resolve("restored"))
                            .withTimeline(new Timeline(7));
            assertThatThrownBy(() -> source.planner().plan(request))
                    .isInstanceOfSatisfying(
                            CairnException.class,
                            e ->
                                    assertThat(e.code())
                                            .isEqualTo(ErrorCode.RECOVERY_TARGET_UNREACHABLE))
                    .hasMessageContaining("on the way to timeline 7");
        }
    }
}
