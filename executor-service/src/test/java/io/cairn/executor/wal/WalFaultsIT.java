package io.cairn.executor.wal;

import static java.time.Duration.ofMillis;
import static java.time.Duration.ofSeconds;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.cairn.config.SecretReference;
import io.cairn.config.StoreConfig;
import io.cairn.events.WalGapDetected;
import io.cairn.executor.wal.StoredWalReader.Stretch;
import io.cairn.executor.wal.postgres.PostgresWalSource;
import io.cairn.model.Lsn;
import io.cairn.model.StoreName;
import io.cairn.model.Timeline;
import io.cairn.storage.ObjectStore;
import io.cairn.storage.s3.S3ObjectStore;
import io.cairn.testing.S3Server;
import io.cairn.testing.StoreFault;
import io.cairn.testing.StoreOperation;
import io.cairn.testing.StoreProxy;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Commits wait for the stream while holder, server and store fail at random: whatever was confirmed
 * is in the store then, without a hole. {@code -Dcairn.wal.rounds} makes it last longer, {@code
 * -Dcairn.wal.seed} repeats a run.
 */
@Timeout(900)
class WalFaultsIT {

    private static final Timeline ONE = new Timeline(1);
    private static final int WRITERS = 4;

    @TempDir private static Path directory;

    private final Random random =
            new Random(Long.getLong("cairn.wal.seed", System.nanoTime() & 0xFFFF));

    @Test
    void whatWasConfirmedIsInTheStoreWhateverFails() throws Exception {
        int rounds = Integer.getInteger("cairn.wal.rounds", 5);
        try (Scene scene = Scene.start("faults")) {
            StreamedServer server = scene.server;
            WalRig rig = scene.rig;
            rig.start();
            StoredWalReader reader = rig.reader(scene.direct, server.system());
            Lsn start = null;
            for (int round = 0; round < rounds; round++) {
                Writers writers = new Writers(server);
                try {
                    await().atMost(ofSeconds(60)).until(() -> writers.confirmed.get() >= 20);
                    String fault = fault(round % 5, server, rig, scene.proxy);
                    await().pollDelay(ofMillis(100 + random.nextInt(400))).until(() -> true);
                    Lsn last = writers.stop();
                    // What was not stored by now is not to be stored while it is looked for.
                    rig.killFirst();
                    rig.killFirst();
                    scene.proxy.heal();
                    if (start == null) {
                        start = first(reader);
                    }
                    byte[] wal = reader.contiguous(ONE, start, StreamedServer.SIZE);
                    assertThat(start.plus(wal.length))
                            .as("round %d, %s", round, fault)
                            .isGreaterThanOrEqualTo(last);
                    assertNothingDiffers(reader, start, wal);
                } finally {
                    rig.start();
                    rig.start();
                    writers.end();
                }
            }
            assertThat(rig.told(WalGapDetected.class)).isEmpty();
        }
    }

    /** So that what the rounds above have not found was not there. */
    @Test
    void whatAStoreAnsweredTooEarlyIsFoundMissing() throws Exception {
        try (Scene scene = Scene.start("early")) {
            scene.proxy.injectAlways(
                    new StoreFault.AnswerFirst(), StoreFault.on(StoreOperation.CREATE, "/pieces/"));
            StoredWalReader reader = scene.rig.reader(scene.direct, scene.server.system());
            Writers writers = new Writers(scene.server);
            try {
                await().atMost(ofSeconds(60)).until(() -> writers.confirmed.get() >= 20);
                scene.s3.suspend();
                long until = writers.confirmed.get() + 20;
                await().atMost(ofSeconds(60)).until(() -> writers.confirmed.get() >= until);
                Lsn last = writers.stop();
                scene.rig.killFirst();
                scene.s3.kill();
                scene.proxy.heal();
                scene.s3.start();

                Lsn start = first(reader);
                byte[] wal = reader.contiguous(ONE, start, StreamedServer.SIZE);
                assertThat(start.plus(wal.length)).isLessThan(last);
            } finally {
                scene.rig.start();
                writers.end();
            }
        }
    }

    /** One holder, and a server whose commits wait for it. */
    private record Scene(
            S3Server s3,
            StoreProxy proxy,
            ObjectStore store,
            ObjectStore direct,
            StreamedServer server,
            WalRig rig)
            implements AutoCloseable {

        static Scene start(String name) throws Exception {
            Path folder = Files.createDirectories(directory.resolve(name));
            S3Server s3 = S3Server.in(folder.resolve("s3")).buckets("faults").start();
            StoreProxy proxy = StoreProxy.before(s3.endpoint());
            proxy.grantAll("any");
            proxy.grantAll("reader");
            ObjectStore store = WalFaultsIT.store(proxy, "any");
            StreamedServer server = StreamedServer.start(18, folder);
            WalRig rig =
                    new WalRig(
                            new PostgresWalSource(server.cluster()),
                            WalRig.SYNCHRONOUS,
                            WalRig.FAST,
                            store);
            Scene scene =
                    new Scene(s3, proxy, store, WalFaultsIT.store(proxy, "reader"), server, rig);
            rig.start();
            awaitStreaming(server);
            server.execute("CREATE TABLE confirmed (body text)");
            server.execute("ALTER SYSTEM SET synchronous_standby_names = 'cairn_shop'");
            server.server().reload();
            await().until(() ->
                    server.ask("SELECT count(*) FROM pg_stat_replication WHERE sync_state = 'sync'")
                            .equals("1"));
            return scene;
        }

        @Override
        public void close() {
            rig.close();
            server.close();
            direct.close();
            store.close();
            proxy.close();
            s3.close();
        }
    }

    private String fault(int kind, StreamedServer server, WalRig rig, StoreProxy proxy)
            throws InterruptedException {
        await().pollDelay(ofMillis(100 + random.nextInt(500))).until(() -> true);
        switch (kind) {
            case 0 -> {
                rig.killFirst();
                rig.start();
                return "holder killed";
            }
            case 1 -> {
                server.server().kill();
                server.server().start();
                return "server killed";
            }
            case 2 -> {
                proxy.inject(
                        new StoreFault.Refuse(503, "SlowDown"),
                        1 + random.nextInt(20),
                        StoreFault.on(StoreOperation.CREATE));
                return "store refuses";
            }
            case 3 -> {
                proxy.inject(
                        new StoreFault.LoseResponse(),
                        1 + random.nextInt(20),
                        StoreFault.on(StoreOperation.CREATE));
                rig.killFirst();
                rig.start();
                return "answers lost, holder killed";
            }
            default -> {
                proxy.injectAlways(
                        new StoreFault.Delay(ofMillis(random.nextInt(300))),
                        StoreFault.on(StoreOperation.CREATE));
                server.server().kill();
                server.server().start();
                return "slow store, server killed";
            }
        }
    }

    private static Lsn first(StoredWalReader reader) {
        return reader.stretches(ONE, false, StreamedServer.SIZE).stream()
                .map(it -> it.range().start())
                .min(Lsn::compareTo)
                .orElseThrow();
    }

    /** Segments and pieces that overlap hold the same bytes. */
    private static void assertNothingDiffers(StoredWalReader reader, Lsn start, byte[] wal) {
        for (Stretch stretch : reader.stretches(ONE, false, StreamedServer.SIZE)) {
            int from = (int) stretch.range().start().minus(start);
            int to = Math.min(wal.length, from + stretch.bytes().length);
            if (from < to) {
                assertThat(Arrays.copyOf(stretch.bytes(), to - from))
                        .as(stretch.stored().key().value())
                        .isEqualTo(Arrays.copyOfRange(wal, from, to));
            }
        }
        assertThat(reader.stretches(ONE, true, StreamedServer.SIZE)).isEmpty();
    }

    private static void awaitStreaming(StreamedServer server) {
        await().atMost(ofSeconds(20))
                .until(() ->
                        server.ask("SELECT count(*) FROM pg_replication_slots WHERE active")
                                .equals("1"));
    }

    private static ObjectStore store(StoreProxy proxy, String credential) throws Exception {
        Path id = Files.writeString(directory.resolve("id-" + credential), credential);
        return S3ObjectStore.open(
                new StoreConfig(
                        new StoreName("primary"),
                        "faults",
                        "us-east-1",
                        Optional.of(proxy.endpoint()),
                        true,
                        Optional.of(new SecretReference("file:" + id)),
                        Optional.of(new SecretReference("file:" + id)),
                        Optional.empty()));
    }

    /** Commit one row after the other, each on its own, and remember the last that returned. */
    private static final class Writers {

        private final StreamedServer server;
        private final AtomicBoolean stopped = new AtomicBoolean();
        private final AtomicLong confirmed = new AtomicLong();
        private final AtomicLong last = new AtomicLong();
        private final List<Thread> threads;

        Writers(StreamedServer server) {
            this.server = server;
            this.threads =
                    IntStream.range(0, WRITERS)
                            .mapToObj(i -> Thread.ofPlatform().daemon().start(this::write))
                            .toList();
        }

        private void write() {
            while (!stopped.get()) {
                try (Connection connection = server.server().connect("postgres");
                        Statement statement = connection.createStatement()) {
                    while (!stopped.get()) {
                        // The position is before the commit record, which the answer waits for.
                        try (ResultSet row =
                                statement.executeQuery(
                                        "WITH row AS (INSERT INTO confirmed VALUES (repeat('x', 300)) RETURNING 1)"
                                                + " SELECT pg_current_wal_insert_lsn() FROM row")) {
                            if (row.next()) {
                                long position = Lsn.parse(row.getString(1)).bits();
                                last.accumulateAndGet(position, Math::max);
                                confirmed.incrementAndGet();
                            }
                        }
                    }
                } catch (SQLException e) {
                    // The server was killed: what did not return was not confirmed.
                    Thread.onSpinWait();
                }
            }
        }

        /** Returns the position of the newest row that was confirmed until now. */
        Lsn stop() {
            stopped.set(true);
            return new Lsn(last.get());
        }

        /** Those that still wait return when the stream goes on. */
        void end() throws InterruptedException {
            stopped.set(true);
            for (Thread thread : threads) {
                thread.join(ofSeconds(60));
            }
        }
    }
}
