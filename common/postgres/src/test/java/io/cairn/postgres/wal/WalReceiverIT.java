package io.cairn.postgres.wal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.awaitility.Awaitility.await;

import io.cairn.model.Lsn;
import io.cairn.model.Timeline;
import io.cairn.model.error.CairnException;
import io.cairn.model.error.ErrorCode;
import io.cairn.model.wal.LsnRange;
import io.cairn.model.wal.SegmentSize;
import io.cairn.model.wal.WalSegment;
import io.cairn.postgres.TestSource;
import io.cairn.postgres.connection.ServerConnection;
import io.cairn.postgres.server.LocalServer;
import io.cairn.postgres.wal.WalMessage.Data;
import io.cairn.postgres.wal.WalMessage.Keepalive;
import io.cairn.postgres.wal.WalMessage.TimelineEnded;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(90)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class WalReceiverIT {

    private static final String STREAM = "cairn_shop";
    private static final Timeline FIRST = new Timeline(1);
    private static final Duration SHORT = Duration.ofMillis(200);
    private static final Duration READ_TIMEOUT = Duration.ofSeconds(10);

    /** About 20 MB of WAL: more than a segment. */
    private static final String MUCH_WAL =
            "CREATE TABLE IF NOT EXISTS big AS SELECT repeat('x', 1000) AS t"
                    + " FROM generate_series(1, 16000)";

    /** For the tests that leave a server as they found it. */
    private TestSource source;

    @BeforeAll
    void startTheServer(@TempDir Path temporary) {
        source = TestSource.start(18, temporary);
    }

    @AfterAll
    void stopTheServer() {
        source.close();
    }

    @ParameterizedTest
    @ValueSource(ints = {15, 17, 18})
    void whatIsStreamedIsByteForByteWhatTheServerWrote(int major, @TempDir Path directory)
            throws Exception {
        try (TestSource own = TestSource.start(major, directory);
                ServerConnection session = own.connect(STREAM, READ_TIMEOUT)) {
            Lsn restart = new ReplicationSlots(session).ensure(STREAM).restartLsn().orElseThrow();
            own.execute(MUCH_WAL, "SELECT pg_switch_wal()", "CREATE TABLE last AS SELECT 1");
            Lsn end = flushed(own);
            Lsn start = SegmentSize.DEFAULT.startOf(restart);

            try (WalReceiver receiver = WalReceiver.start(session, STREAM, FIRST, start)) {
                StreamedWal streamed = new StreamedWal(receiver).readTo(end);
                assertThat(end.minus(start)).isGreaterThan(2L * SegmentSize.DEFAULT.bytes());
                assertThat(streamed.bytes()).isEqualTo(written(own.server(), FIRST, start, end));
            }
            Lsn middle = start.plus(SegmentSize.DEFAULT.bytes() + 5_000_003);
            try (ServerConnection second = own.connect(STREAM, READ_TIMEOUT);
                    WalReceiver receiver = takeOver(second, middle)) {
                StreamedWal streamed = new StreamedWal(receiver).readTo(end);
                assertThat(streamed.bytes()).isEqualTo(written(own.server(), FIRST, middle, end));
            }
        }
    }

    private static Lsn flushed(TestSource server) {
        return Lsn.parse(server.ask("SELECT pg_current_wal_flush_lsn()"));
    }

    /** From the files in {@code pg_wal}. */
    private static byte[] written(LocalServer server, Timeline timeline, Lsn start, Lsn end)
            throws IOException {
        byte[] bytes = new byte[Math.toIntExact(end.minus(start))];
        int at = 0;
        LsnRange range = new LsnRange(start, end);
        for (WalSegment segment : WalSegment.of(timeline, range, SegmentSize.DEFAULT)) {
            byte[] file =
                    Files.readAllBytes(
                            server.dataDirectory().resolve("pg_wal").resolve(segment.name()));
            int from = Math.toIntExact(Math.max(0, start.minus(segment.start())));
            int to = Math.toIntExact(Math.min(file.length, end.minus(segment.start())));
            System.arraycopy(file, from, bytes, at, to - from);
            at += to - from;
        }
        return bytes;
    }

    /** As soon as the slot is free. */
    private static WalReceiver takeOver(ServerConnection session, Lsn start) {
        AtomicReference<WalReceiver> receiver = new AtomicReference<>();
        await().atMost(Duration.ofSeconds(20))
                .pollInterval(Duration.ofMillis(50))
                .until(() -> {
                    try {
                        receiver.set(WalReceiver.start(session, STREAM, FIRST, start));
                        return true;
                    } catch (CairnException e) {
                        assertThat(e.code()).isEqualTo(ErrorCode.POSTGRES_SLOT_ACTIVE);
                        return false;
                    }
                });
        return receiver.get();
    }

    /** From where the slot is, or the newest WAL of the server. */
    private static WalReceiver start(TestSource server, ServerConnection session) {
        new ReplicationSlots(session).ensure(STREAM);
        return takeOver(session, flushed(server));
    }

    private static void assertCode(ThrowingCallable call, ErrorCode code, String message) {
        assertThatThrownBy(call)
                .isInstanceOfSatisfying(
                        CairnException.class,
                        e -> {
                            assertThat(e.code()).as(e.messageWithHint()).isEqualTo(code);
                            assertThat(e.getMessage()).contains(message);
                        });
    }

    @Test
    void anIdleServerSaysThatNothingIsMissing() {
        try (ServerConnection session = source.connect(STREAM, READ_TIMEOUT);
                WalReceiver receiver = start(source, session)) {
            StreamedWal streamed = new StreamedWal(receiver);
            Keepalive first = streamed.readUntil(Keepalive.class);
            Keepalive second = streamed.readUntil(Keepalive.class);

            assertThat(first.caughtUp()).isTrue();
            assertThat(first.replyRequested()).isFalse();
            assertThat(second.sentEnd()).isEqualTo(receiver.position());
            assertThat(second.sentAt())
                    .isAfter(first.sentAt())
                    .isCloseTo(Instant.now(), within(2, ChronoUnit.SECONDS));
        }
    }

    @Test
    void nothingComesWhileNothingHappens() {
        try (ServerConnection session = source.connect(STREAM, READ_TIMEOUT);
                WalReceiver receiver = start(source, session)) {
            new StreamedWal(receiver).readUntil(Keepalive.class);
            long before = System.nanoTime();
            assertThat(receiver.next(SHORT)).isEqualTo(new WalMessage.Quiet());
            assertThat(Duration.ofNanos(System.nanoTime() - before))
                    .isBetween(SHORT, SHORT.plusMillis(500));
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {15, 17, 18})
    void aSynchronousCommitReturnsWhenItsWalIsReportedAsFlushedAndNotBefore(
            int major, @TempDir Path directory) throws Exception {
        try (TestSource own = TestSource.start(major, directory);
                ServerConnection session = own.connect(STREAM, READ_TIMEOUT);
                WalReceiver receiver = start(own, session)) {
            own.execute("CREATE TABLE numbers (n int)");
            new StreamedWal(receiver).readTo(flushed(own));
            receiver.status(receiver.position(), receiver.position(), new Lsn(0));
            own.execute(
                    "ALTER SYSTEM SET synchronous_standby_names = 'FIRST 1 (cairn_shop)'",
                    "SELECT pg_reload_conf()");
            await().untilAsserted(() ->
                    assertThat(own.ask("SELECT sync_state FROM pg_stat_replication"))
                            .isEqualTo("sync"));

            CompletableFuture<Void> commit =
                    CompletableFuture.runAsync(() -> own.execute("INSERT INTO numbers VALUES (1)"));
            // Longer than the positions are repeated, and than the server asks for a reply.
            long until = System.nanoTime() + Duration.ofMillis(3500).toNanos();
            while (System.nanoTime() < until) {
                receiver.next(SHORT);
            }
            assertThat(commit).isNotDone();
            assertThat(
                            own.ask(
                                    "SELECT count(*) FROM pg_stat_activity WHERE wait_event ="
                                            + " 'SyncRep'"))
                    .isEqualTo("1");
            // Having received it is not enough either.
            receiver.status(receiver.position(), new Lsn(0), new Lsn(0));
            receiver.next(SHORT);
            assertThat(commit).isNotDone();

            receiver.status(receiver.position(), receiver.position(), new Lsn(0));
            commit.get(5, TimeUnit.SECONDS);
            own.execute("ALTER SYSTEM RESET synchronous_standby_names", "SELECT pg_reload_conf()");
        }
    }

    @Test
    void theSlotLetsGoOfWhatIsReportedAsFlushed() {
        try (ServerConnection session = source.connect(STREAM, READ_TIMEOUT);
                WalReceiver receiver = start(source, session)) {
            source.execute("CREATE TABLE moves AS SELECT 1");
            new StreamedWal(receiver).readTo(flushed(source));
            Lsn position = receiver.position();
            receiver.status(position, position, new Lsn(0));
            await().untilAsserted(
                            () -> assertThat(restartLsn(source)).isEqualTo(position.toString()));
        }
    }

    private static String restartLsn(TestSource server) {
        return server.ask(
                "SELECT restart_lsn FROM pg_replication_slots WHERE slot_name = '" + STREAM + "'");
    }

    @Test
    void aPositionIsReportedFromAnotherThreadWhileTheReaderWaits() throws Exception {
        try (ServerConnection session = source.connect(STREAM, READ_TIMEOUT);
                WalReceiver receiver = start(source, session)) {
            source.execute("CREATE TABLE elsewhere AS SELECT 1");
            new StreamedWal(receiver).readTo(flushed(source));
            Lsn position = receiver.position();
            CompletableFuture<WalMessage> reader =
                    CompletableFuture.supplyAsync(() -> receiver.next(Duration.ofMillis(900)));
            assertThat(receiver.status(position, position, new Lsn(0))).isTrue();
            await().untilAsserted(
                            () -> assertThat(restartLsn(source)).isEqualTo(position.toString()));
            reader.get(5, TimeUnit.SECONDS);
        }
    }

    @Test
    void aSlotInUseIsSaidAndTheSessionGoesOn() {
        try (ServerConnection holder = source.connect(STREAM, READ_TIMEOUT);
                WalReceiver receiver = start(source, holder);
                ServerConnection other = source.connect("other", READ_TIMEOUT)) {
            assertCode(
                    () -> WalReceiver.start(other, STREAM, FIRST, receiver.position()),
                    ErrorCode.POSTGRES_SLOT_ACTIVE,
                    "active for PID " + holder.backendPid());
            assertThat(new ReplicationSlots(other).find(STREAM).orElseThrow().activePid())
                    .hasValue(holder.backendPid());
        }
    }

    @Test
    void theStreamOfAHolderThatVanishesIsTakenOverWithinTenSeconds() {
        try (ServerConnection holder = source.connect(STREAM, READ_TIMEOUT);
                WalReceiver silent = start(source, holder);
                ServerConnection other = source.connect("other", READ_TIMEOUT)) {
            long before = System.nanoTime();
            // It says nothing any more, as if its machine were gone.
            try (WalReceiver next = takeOver(other, silent.position())) {
                assertThat(Duration.ofNanos(System.nanoTime() - before))
                        .isBetween(Duration.ofSeconds(2), Duration.ofSeconds(10));
                assertThat(next.position()).isEqualTo(silent.position());
            }
            assertCode(
                    () -> new StreamedWal(silent).readUntil(TimelineEnded.class),
                    ErrorCode.POSTGRES_CONNECTION_LOST,
                    source.server().address().toString());
        }
    }

    @Test
    void theStreamOfAHolderWhoseSocketIsCutIsTakenOverAtOnce() {
        try (ServerConnection holder = source.connect(STREAM, READ_TIMEOUT);
                WalReceiver cut = start(source, holder);
                ServerConnection other = source.connect("other", READ_TIMEOUT)) {
            long before = System.nanoTime();
            cut.abort();
            try (WalReceiver next = takeOver(other, cut.position())) {
                assertThat(Duration.ofNanos(System.nanoTime() - before))
                        .isLessThan(Duration.ofSeconds(2));
                assertThat(next.status(next.position(), new Lsn(0), new Lsn(0))).isTrue();
            }
        }
    }

    @Test
    void anAbortFromAnotherThreadEndsAReaderThatWaits() {
        try (ServerConnection session = source.connect(STREAM, READ_TIMEOUT);
                WalReceiver receiver = start(source, session)) {
            CompletableFuture.delayedExecutor(300, TimeUnit.MILLISECONDS).execute(receiver::abort);
            assertCode(
                    () -> new StreamedWal(receiver).readUntil(TimelineEnded.class),
                    ErrorCode.POSTGRES_CONNECTION_LOST,
                    "aborted by this side");
            assertThat(receiver.status(receiver.position(), new Lsn(0), new Lsn(0))).isFalse();
        }
    }

    @Test
    void aServerThatIsKilledIsALostConnection(@TempDir Path directory) {
        try (TestSource own = TestSource.start(17, directory);
                ServerConnection session = own.connect(STREAM, READ_TIMEOUT);
                WalReceiver receiver = start(own, session)) {
            own.execute(MUCH_WAL);
            assertThat(receiver.next(READ_TIMEOUT)).isInstanceOf(Data.class);
            own.server().kill();
            assertCode(
                    () -> new StreamedWal(receiver).readUntil(TimelineEnded.class),
                    ErrorCode.POSTGRES_CONNECTION_LOST,
                    own.server().address().toString());
        }
    }

    @Test
    void aServerThatStandsStillIsGivenUpAfterTheReadTimeout() throws Exception {
        try (ServerConnection session = source.connect(STREAM, Duration.ofSeconds(1));
                WalReceiver receiver = start(source, session)) {
            int pid = session.backendPid();
            signal("STOP", pid);
            assertCode(
                    () -> new StreamedWal(receiver).readUntil(TimelineEnded.class),
                    ErrorCode.POSTGRES_CONNECTION_LOST,
                    "sent nothing within the read timeout");
            signal("CONT", pid);
        }
    }

    private static void signal(String name, int pid) throws IOException, InterruptedException {
        new ProcessBuilder("/bin/sh", "-c", "kill -" + name + " " + pid).start().waitFor();
    }

    @ParameterizedTest
    @ValueSource(ints = {15, 18})
    void aServerThatShutsDownWaitsUntilItsLastWalIsReportedAsFlushed(
            int major, @TempDir Path directory) {
        try (TestSource own = TestSource.start(major, directory);
                ServerConnection session = own.connect(STREAM, READ_TIMEOUT);
                WalReceiver receiver = start(own, session)) {
            CompletableFuture<Void> stop = CompletableFuture.runAsync(own.server()::stop);
            Keepalive keepalive;
            do {
                keepalive = new StreamedWal(receiver).readUntil(Keepalive.class);
            } while (!keepalive.replyRequested());
            assertThat(stop).isNotDone();

            receiver.status(receiver.position(), receiver.position(), new Lsn(0));
            assertCode(
                    () -> new StreamedWal(receiver).readUntil(TimelineEnded.class),
                    ErrorCode.POSTGRES_CONNECTION_LOST,
                    "has sent all its WAL");
            stop.join();
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {15, 17, 18})
    void aPromotionIsFollowedOnTheSameSession(int major, @TempDir Path directory) throws Exception {
        try (TestSource own = TestSource.start(major, directory.resolve("primary"));
                StandbyServer standby = StandbyServer.of(own, directory.resolve("standby"));
                ServerConnection session = standby.connect(STREAM)) {
            new ReplicationSlots(session).ensure(STREAM);
            own.execute("CREATE TABLE before AS SELECT 1");
            await().untilAsserted(
                            () -> assertThat(session.identify().flushed()).isEqualTo(flushed(own)));
            Lsn start = SegmentSize.DEFAULT.startOf(flushed(own));

            Lsn fork;
            try (WalReceiver receiver = WalReceiver.start(session, STREAM, FIRST, start)) {
                StreamedWal old = new StreamedWal(receiver).readTo(flushed(own));
                own.server().kill();
                standby.promote();
                TimelineEnded ended = old.readUntil(TimelineEnded.class);
                fork = ended.switchPoint();
                assertThat(ended.next()).isEqualTo(new Timeline(2));
                assertThat(receiver.position()).isEqualTo(fork);
                assertThat(old.bytes()).startsWith(written(own.server(), FIRST, start, fork));
                assertThat(receiver.status(fork, fork, fork)).isFalse();
            }

            TimelineHistory history = TimelineHistory.fetch(session, new Timeline(2));
            assertThat(history.switchPoint(FIRST)).hasValue(fork);
            assertThat(history.content())
                    .isEqualTo(
                            Files.readAllBytes(
                                    standby.server()
                                            .dataDirectory()
                                            .resolve("pg_wal/00000002.history")));

            try (Connection superuser = standby.superuser();
                    Statement statement = superuser.createStatement();
                    WalReceiver receiver =
                            WalReceiver.start(session, STREAM, new Timeline(2), fork)) {
                statement.execute("CREATE TABLE after AS SELECT 1");
                Lsn end;
                try (var result = statement.executeQuery("SELECT pg_current_wal_flush_lsn()")) {
                    result.next();
                    end = Lsn.parse(result.getString(1));
                }
                StreamedWal streamed = new StreamedWal(receiver).readTo(end);
                assertThat(streamed.bytes())
                        .startsWith(written(standby.server(), new Timeline(2), fork, end));
            }
            try (ServerConnection late = standby.connect(STREAM)) {
                assertAskedForAnOldTimeline(late, fork);
            }
        }
    }

    private static void assertAskedForAnOldTimeline(ServerConnection session, Lsn fork) {
        try (WalReceiver receiver = takeOver(session, fork)) {
            assertThat(receiver.next(SHORT)).isEqualTo(new TimelineEnded(new Timeline(2), fork));
        }
        assertCode(
                () -> WalReceiver.start(session, STREAM, FIRST, fork.plus(8)),
                ErrorCode.POSTGRES_TIMELINE_DIVERGED,
                "not in this server's history");
        assertCode(
                () -> WalReceiver.start(session, STREAM, new Timeline(7), fork),
                ErrorCode.POSTGRES_TIMELINE_DIVERGED,
                "timeline 7");
        assertCode(
                () ->
                        WalReceiver.start(session, STREAM, new Timeline(2), fork.plus(1L << 40))
                                .next(SHORT),
                ErrorCode.POSTGRES_TIMELINE_DIVERGED,
                "ahead of the WAL flush position");
        assertThat(session.value("SELECT 'still usable'")).isEqualTo("still usable");
    }

    @ParameterizedTest
    @ValueSource(ints = {15, 17, 18})
    void walThatASlotCouldNotHoldIsSaidToBeGone(int major, @TempDir Path directory) {
        try (TestSource own =
                        TestSource.start(
                                major,
                                directory,
                                builder ->
                                        builder.setting("max_slot_wal_keep_size", "16MB")
                                                .setting("max_wal_size", "32MB")
                                                .setting("min_wal_size", "32MB"));
                ServerConnection session = own.connect(STREAM, READ_TIMEOUT)) {
            ReplicationSlots slots = new ReplicationSlots(session);
            Lsn start = slots.ensure(STREAM).restartLsn().orElseThrow();
            for (int i = 0; i < 6; i++) {
                own.execute("CREATE TABLE t" + i + "()", "SELECT pg_switch_wal()");
            }
            own.execute("CHECKPOINT");

            ReplicationSlot lost = slots.find(STREAM).orElseThrow();
            assertThat(lost.lost()).isTrue();
            assertThat(lost.invalidationReason().isPresent()).isEqualTo(major >= 17);
            assertCode(
                    () -> {
                        try (WalReceiver receiver =
                                WalReceiver.start(session, STREAM, FIRST, start)) {
                            receiver.next(READ_TIMEOUT);
                        }
                    },
                    ErrorCode.POSTGRES_WAL_REMOVED,
                    major == 18 ? "can no longer access" : "has already been removed");
            assertCode(
                    () -> slots.advance(STREAM, flushed(own)),
                    ErrorCode.POSTGRES_WAL_REMOVED,
                    STREAM);

            ReplicationSlot fresh = slots.ensure(STREAM);
            assertThat(fresh.lost()).isFalse();
            assertThat(fresh.restartLsn().orElseThrow()).isGreaterThan(start);
        }
    }
}
