package io.cairn.executor.wal;

import static java.time.Duration.ofMillis;
import static java.time.Duration.ofSeconds;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.cairn.config.SecretReference;
import io.cairn.config.StoreConfig;
import io.cairn.events.BackupRequested;
import io.cairn.events.TimelineSwitched;
import io.cairn.events.WalArchived;
import io.cairn.events.WalGapCause;
import io.cairn.events.WalGapDetected;
import io.cairn.executor.wal.StoredWalReader.Stretch;
import io.cairn.executor.wal.postgres.PostgresWalSource;
import io.cairn.model.Lsn;
import io.cairn.model.StoreName;
import io.cairn.model.Timeline;
import io.cairn.model.policy.WalPolicy;
import io.cairn.model.wal.StoredWal;
import io.cairn.storage.ObjectStore;
import io.cairn.storage.policy.PolicyRights;
import io.cairn.storage.policy.Principal;
import io.cairn.storage.s3.S3ObjectStore;
import io.cairn.testing.S3Server;
import io.cairn.testing.StoreFault;
import io.cairn.testing.StoreOperation;
import io.cairn.testing.StoreProxy;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Streams from real servers into a real store, with an executor's rights there. */
@Timeout(120)
class WalStreamIT {

    private static final Timeline ONE = new Timeline(1);
    private static final Timeline TWO = new Timeline(2);
    private static final String EXECUTOR = "executor";
    private static final String READER = "reader";

    @TempDir private static Path directory;

    private static @Nullable S3Server s3;

    private final List<AutoCloseable> open = new ArrayList<>();

    @BeforeEach
    void startStore() throws IOException {
        if (s3 == null) {
            S3Server started =
                    S3Server.in(Files.createDirectories(directory.resolve("s3"))).start();
            Runtime.getRuntime().addShutdownHook(new Thread(started::close));
            s3 = started;
        }
        Files.writeString(directory.resolve(EXECUTOR), EXECUTOR);
        Files.writeString(directory.resolve(READER), READER);
        Files.writeString(directory.resolve("secret"), "not verified by the proxy");
    }

    @AfterEach
    void end() throws Exception {
        for (AutoCloseable it : open.reversed()) {
            it.close();
        }
    }

    private <T extends AutoCloseable> T closing(T it) {
        open.add(it);
        return it;
    }

    /** A bucket of the test's own, behind a proxy that grants an executor what its policy says. */
    private final class Bucket {

        private final StoreProxy proxy;
        private final String name;

        Bucket(String name) {
            S3Server server = Objects.requireNonNull(s3);
            this.name = name + "-" + System.nanoTime();
            server.createBucket(this.name);
            proxy = closing(StoreProxy.before(server.endpoint()));
            proxy.grant(EXECUTOR, PolicyRights.of(Principal.EXECUTOR));
            proxy.grantAll(READER);
        }

        ObjectStore store(String store, String credential) {
            return closing(
                    S3ObjectStore.open(
                            new StoreConfig(
                                    new StoreName(store),
                                    name,
                                    "us-east-1",
                                    Optional.of(proxy.endpoint()),
                                    true,
                                    Optional.of(
                                            new SecretReference(
                                                    "file:" + directory.resolve(credential))),
                                    Optional.of(
                                            new SecretReference(
                                                    "file:" + directory.resolve("secret"))),
                                    Optional.empty())));
        }
    }

    private StreamedServer server(int major) throws IOException, SQLException {
        return closing(
                StreamedServer.start(
                        major, Files.createTempDirectory(directory, "postgres-" + major)));
    }

    private WalRig rig(WalSource source, WalPolicy policy, ObjectStore... stores) {
        return closing(new WalRig(source, policy, WalRig.FAST, stores));
    }

    @ParameterizedTest
    @ValueSource(ints = {15, 18})
    void whatIsStoredIsPgWalByteForByte(int major) throws Exception {
        StreamedServer server = server(major);
        Bucket bucket = new Bucket("bytes");
        WalRig rig =
                rig(
                        new PostgresWalSource(server.cluster()),
                        WalRig.SOON,
                        bucket.store("primary", EXECUTOR));
        rig.start();
        awaitStreaming(server);
        for (int i = 0; i < 4; i++) {
            server.write(2);
        }
        awaitStored(server);

        StoredWalReader reader = reader(rig, bucket, server);
        List<Stretch> stretches = reader.stretches(ONE, false, StreamedServer.SIZE);
        assertThat(stretches)
                .filteredOn(it -> it.stored() instanceof StoredWal.Segment)
                .hasSizeGreaterThan(5);
        assertThat(stretches).filteredOn(it -> it.stored() instanceof StoredWal.Piece).isNotEmpty();
        int compared = 0;
        for (Stretch stretch : stretches) {
            Optional<byte[]> own = server.segment(ONE, stretch.range().start());
            if (own.isPresent()) {
                int from = StreamedServer.SIZE.offsetOf(stretch.range().start());
                assertThat(stretch.bytes())
                        .as(stretch.stored().key().value())
                        .isEqualTo(
                                Arrays.copyOfRange(own.get(), from, from + stretch.bytes().length));
                compared++;
            }
        }
        assertThat(compared).isGreaterThan(3);
        Lsn start = stretches.getFirst().range().start();
        byte[] all = reader.contiguous(ONE, start, StreamedServer.SIZE);
        assertThat(start.plus(all.length)).isGreaterThanOrEqualTo(server.flushed());
    }

    @Test
    void aSynchronousCommitReturnsOnlyWhenItsObjectIsThere() throws Exception {
        StreamedServer server = server(18);
        Bucket bucket = new Bucket("sync");
        WalRig rig =
                rig(
                        new PostgresWalSource(server.cluster()),
                        WalRig.SYNCHRONOUS,
                        bucket.store("primary", EXECUTOR));
        rig.start();
        awaitStreaming(server);
        server.execute("ALTER SYSTEM SET synchronous_standby_names = 'cairn_shop'");
        server.server().reload();
        await().until(() ->
                server.ask("SELECT count(*) FROM pg_stat_replication WHERE sync_state = 'sync'")
                        .equals("1"));
        server.execute("INSERT INTO orders VALUES (1, 'warm')");
        await().until(() ->
                rig.told(WalArchived.class).stream()
                        .anyMatch(it -> it.synchronousAt().isPresent()));

        bucket.proxy.injectAlways(
                new StoreFault.Delay(ofMillis(400)),
                StoreFault.on(StoreOperation.CREATE, "/pieces/"));
        long begun = System.nanoTime();
        server.execute("INSERT INTO orders VALUES (2, 'slow')");
        assertThat(Duration.ofNanos(System.nanoTime() - begun)).isGreaterThan(ofMillis(400));

        bucket.proxy.heal();
        bucket.proxy.injectAlways(
                new StoreFault.Refuse(503, "SlowDown"), StoreFault.on(StoreOperation.CREATE));
        Future<?> commit = CompletableFuture.runAsync(() -> insert(server, 3));
        await().during(ofSeconds(1)).atMost(ofSeconds(5)).until(() -> !commit.isDone());
        bucket.proxy.heal();
        commit.get(30, TimeUnit.SECONDS);
        Lsn acknowledged = server.flushed();
        StoredWalReader reader = reader(rig, bucket, server);
        Lsn start = reader.stretches(ONE, false, StreamedServer.SIZE).getFirst().range().start();
        assertThat(start.plus(reader.contiguous(ONE, start, StreamedServer.SIZE).length))
                .isGreaterThanOrEqualTo(acknowledged.plus(-64));
        server.execute("ALTER SYSTEM RESET synchronous_standby_names");
        server.server().reload();
    }

    @Test
    void commitsGoOnIntoTheOtherStoreWhenTheActiveOneTakesNothing() throws Exception {
        StreamedServer server = server(18);
        Bucket active = new Bucket("first");
        Bucket other = new Bucket("second");
        // A machine that is busy with other tests is slow to store anything at all.
        WalRig rig =
                closing(
                        new WalRig(
                                new PostgresWalSource(server.cluster()),
                                WalRig.SYNCHRONOUS,
                                WalRig.FAST
                                        .withFailoverAfter(ofSeconds(4))
                                        .withRetainedEvery(ofSeconds(30)),
                                active.store("primary", EXECUTOR),
                                other.store("secondary", EXECUTOR)));
        rig.start();
        awaitStreaming(server);
        server.execute("ALTER SYSTEM SET synchronous_standby_names = 'cairn_shop'");
        server.server().reload();
        server.write(3);

        active.proxy.injectAlways(
                new StoreFault.Delay(ofSeconds(120)), StoreFault.on(StoreOperation.CREATE));
        Future<?> commit = CompletableFuture.runAsync(() -> insert(server, -1));

        commit.get(60, TimeUnit.SECONDS);
        Lsn acknowledged = server.flushed();
        StoredWalReader reader = rig.reader(other.store("secondary", READER), server.system());
        Lsn start = reader.stretches(ONE, false, StreamedServer.SIZE).getFirst().range().start();
        assertThat(start.plus(reader.contiguous(ONE, start, StreamedServer.SIZE).length))
                .isGreaterThanOrEqualTo(acknowledged.plus(-64));
        // The other store has what the first had as well: the slot had kept it.
        Lsn begin =
                reader(rig, active, server)
                        .stretches(ONE, false, StreamedServer.SIZE)
                        .getFirst()
                        .range()
                        .start();
        assertThat(start).isLessThanOrEqualTo(begin);
        server.execute("ALTER SYSTEM RESET synchronous_standby_names");
        server.server().reload();
    }

    private static void insert(StreamedServer server, int id) {
        try {
            server.execute("INSERT INTO orders VALUES (" + id + ", 'row')");
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void aServerThatStopsInGoodOrderIsNotHeldUpByWalThatIsNotDueYet() throws Exception {
        StreamedServer server = server(18);
        Bucket bucket = new Bucket("stop");
        WalRig rig =
                rig(
                        new PostgresWalSource(server.cluster()),
                        WalRig.BY_SEGMENT,
                        bucket.store("primary", EXECUTOR));
        rig.start();
        awaitStreaming(server);
        server.execute("INSERT INTO orders VALUES (1, 'last words')");

        long begun = System.nanoTime();
        server.server().stop();

        assertThat(Duration.ofNanos(System.nanoTime() - begun)).isLessThan(ofSeconds(15));
        server.server().start();
        server.write(2);
        awaitStored(server, StreamedServer.SIZE.startOf(server.flushed()));
        assertThat(rig.told(WalGapDetected.class)).isEmpty();
    }

    @Test
    void aKilledServersWalGoesOnWithoutAHole() throws Exception {
        StreamedServer server = server(18);
        Bucket bucket = new Bucket("crash");
        WalRig rig =
                rig(
                        new PostgresWalSource(server.cluster()),
                        WalRig.SOON,
                        bucket.store("primary", EXECUTOR));
        rig.start();
        for (int i = 0; i < 3; i++) {
            awaitStreaming(server);
            server.write(2);
            server.server().kill();
            server.server().start();
        }
        server.write(1);
        awaitStored(server);

        StoredWalReader reader = reader(rig, bucket, server);
        List<Stretch> stretches = reader.stretches(ONE, false, StreamedServer.SIZE);
        Lsn start = stretches.getFirst().range().start();
        assertThat(start.plus(reader.contiguous(ONE, start, StreamedServer.SIZE).length))
                .isGreaterThanOrEqualTo(server.flushed().plus(-64));
        assertThat(rig.told(WalGapDetected.class)).isEmpty();
    }

    @Test
    void aPromotedStandbyIsFollowed() throws Exception {
        StreamedServer primary = server(18);
        StreamedServer standby =
                closing(
                        primary.standby(
                                Files.createTempDirectory(directory, "x").resolve("standby")));
        Bucket bucket = new Bucket("promote");
        WalRig rig =
                rig(
                        new PostgresWalSource(primary.cluster(standby)),
                        WalRig.SOON,
                        bucket.store("primary", EXECUTOR));
        rig.start();
        awaitStreaming(primary);
        primary.write(2);
        awaitStored(primary);
        String flushed = primary.flushed().toString();
        await().until(() ->
                standby.ask("SELECT pg_last_wal_receive_lsn() >= '" + flushed + "'::pg_lsn")
                        .equals("t"));

        await().until(() ->
                standby.ask(
                                "SELECT count(*) FROM pg_replication_slots WHERE slot_name IN ('cairn_shop', 'cairn_shop_retained') AND restart_lsn IS NOT NULL")
                        .equals("2"));

        primary.server().kill();
        standby.ask("SELECT pg_promote()");
        awaitStreaming(standby);
        standby.write(2);
        awaitStored(standby);

        StoredWalReader reader = reader(rig, bucket, standby);
        assertThat(rig.told(TimelineSwitched.class)).hasSize(1);
        assertThat(rig.told(WalGapDetected.class)).isEmpty();
        assertThat(reader.listed()).filteredOn(StoredWal.Partial.class::isInstance).hasSize(1);
        for (Stretch stretch : reader.stretches(TWO, false, StreamedServer.SIZE)) {
            standby.segment(TWO, stretch.range().start())
                    .ifPresent(own -> {
                        int from = StreamedServer.SIZE.offsetOf(stretch.range().start());
                        assertThat(stretch.bytes())
                                .isEqualTo(
                                        Arrays.copyOfRange(
                                                own, from, from + stretch.bytes().length));
                    });
        }
        Lsn fork = rig.told(TimelineSwitched.class).getFirst().at();
        Lsn start = reader.stretches(ONE, false, StreamedServer.SIZE).getFirst().range().start();
        assertThat(start.plus(reader.contiguous(ONE, start, StreamedServer.SIZE).length))
                .isGreaterThanOrEqualTo(fork);
    }

    @Test
    void walThatIsGoneIsAGap() throws Exception {
        StreamedServer server = server(18);
        Bucket bucket = new Bucket("gap");
        WalRig rig =
                rig(
                        new PostgresWalSource(server.cluster()),
                        WalRig.SOON,
                        bucket.store("primary", EXECUTOR));
        rig.start();
        awaitStreaming(server);
        server.write(2);
        awaitStored(server);
        rig.killFirst();
        await().until(() ->
                server.ask("SELECT count(*) FROM pg_replication_slots WHERE active").equals("0"));
        server.execute(
                "SELECT pg_drop_replication_slot('cairn_shop')",
                "SELECT pg_drop_replication_slot('cairn_shop_retained')");
        for (int i = 0; i < 8; i++) {
            server.write(3);
            server.execute("CHECKPOINT");
        }

        rig.start();

        await().until(() -> !rig.told(BackupRequested.class).isEmpty());
        assertThat(rig.told(WalGapDetected.class))
                .singleElement()
                .satisfies(it -> assertThat(it.cause()).isEqualTo(WalGapCause.REMOVED));
        server.write(1);
        awaitStored(server);
    }

    @Test
    void theRetainedSlotFollowsTheStores() throws Exception {
        StreamedServer server = server(18);
        Bucket bucket = new Bucket("retained");
        WalRig rig =
                rig(
                        new PostgresWalSource(server.cluster()),
                        WalRig.SOON,
                        bucket.store("primary", EXECUTOR));
        rig.start();
        awaitStreaming(server);
        server.write(4);
        awaitStored(server);

        Lsn segment = StreamedServer.SIZE.startOf(server.flushed());
        await().until(() ->
                Lsn.parse(
                                        server.ask(
                                                "SELECT restart_lsn FROM pg_replication_slots WHERE slot_name = 'cairn_shop_retained'"))
                                .compareTo(segment)
                        >= 0);
    }

    private static void awaitStreaming(StreamedServer server) {
        await().atMost(ofSeconds(20))
                .ignoreExceptions()
                .until(() ->
                        server.ask(
                                        "SELECT count(*) FROM pg_replication_slots WHERE slot_name = 'cairn_shop' AND active")
                                .equals("1"));
    }

    private static void awaitStored(StreamedServer server) throws SQLException {
        awaitStored(server, server.flushed());
    }

    private static void awaitStored(StreamedServer server, Lsn end) {
        await().atMost(ofSeconds(30))
                .ignoreExceptions()
                .until(() ->
                        server.ask(
                                        "SELECT coalesce(bool_or(flush_lsn >= '"
                                                + end
                                                + "'::pg_lsn), false) FROM pg_stat_replication WHERE application_name = 'cairn_shop'")
                                .equals("t"));
    }

    private StoredWalReader reader(WalRig rig, Bucket bucket, StreamedServer server)
            throws SQLException {
        return rig.reader(bucket.store("primary", READER), server.system());
    }
}
