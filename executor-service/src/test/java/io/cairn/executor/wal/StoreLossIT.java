package io.cairn.executor.wal;

import static java.time.Duration.ofMillis;
import static java.time.Duration.ofSeconds;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.cairn.events.BackupCompleted;
import io.cairn.events.BackupDue;
import io.cairn.events.BackupFailed;
import io.cairn.events.BackupStarted;
import io.cairn.events.WalGapDetected;
import io.cairn.executor.platform.Dues;
import io.cairn.executor.platform.ExecutorProcess;
import io.cairn.executor.platform.KafkaEvents;
import io.cairn.executor.platform.Platform;
import io.cairn.executor.platform.PlatformExtension;
import io.cairn.executor.platform.SourceServer;
import io.cairn.executor.platform.StoredBackup;
import io.cairn.model.BackupKind;
import io.cairn.model.ClusterName;
import io.cairn.model.Lsn;
import io.cairn.model.StoreName;
import io.cairn.model.SystemIdentifier;
import io.cairn.model.Tier;
import io.cairn.model.Timeline;
import io.cairn.model.backup.Archive;
import io.cairn.model.backup.BackupLayout;
import io.cairn.model.backup.ClusterRoot;
import io.cairn.model.backup.CommitObject;
import io.cairn.model.wal.WalLayout;
import io.cairn.model.wal.WalSegment;
import io.cairn.postgres.server.LocalServer;
import io.cairn.postgres.server.PostgresBinaries;
import io.cairn.testing.S3Server;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/**
 * The first of a tier's two stores is killed, for good, under a packaged executor that streams a
 * full backup into it and whose stream synchronous commits wait for.
 */
@Timeout(240)
@ExtendWith(PlatformExtension.class)
class StoreLossIT {

    private static final ClusterName TILL = new ClusterName("till");
    private static final StoreName LOST = new StoreName("lost");
    private static final Timeline ONE = new Timeline(1);

    /** The default of {@code failover-after} is 30 s, with which 60 s are promised. */
    private static final Duration FAILOVER_AFTER = ofSeconds(3);

    private static final Duration BOUND = FAILOVER_AFTER.plus(ofSeconds(30));

    private static final Duration LONG = ofSeconds(90);

    @TempDir private Path directory = Path.of("");

    private final Platform platform;

    StoreLossIT(Platform platform) {
        this.platform = platform;
    }

    @Test
    void aBackupAndCommitsThatWaitGoOnInTheOtherStoreAndComeBackFromThere() throws Exception {
        try (S3Server lost = S3Server.in(directory.resolve("s3")).buckets("lost").start();
                KafkaEvents events = new KafkaEvents(platform.kafka().bootstrapServers());
                ExecutorProcess executor =
                        ExecutorProcess.start(
                                platform,
                                config(lost),
                                Map.of(
                                        "CAIRN_TIERS", "queue",
                                        "CAIRN_EXECUTOR_WAL_HOLD", "true",
                                        "CAIRN_EXECUTOR_FAILOVER_AFTER",
                                                FAILOVER_AFTER.toString()))) {
            executor.awaitReady().awaitLog("Holds the WAL stream of till");
            source().execute("CREATE TABLE sold (number int)");
            commitsWaitForTheStream();
            Lsn begin = Lsn.parse(source().ask("SELECT pg_current_wal_flush_lsn()"));
            Till till = new Till(source());
            try {
                BackupDue due =
                        Dues.of(
                                TILL,
                                Tier.QUEUE,
                                BackupKind.FULL,
                                Instant.parse("2031-01-01T01:00:00Z"),
                                List.of(LOST, Platform.PRIMARY),
                                6);
                events.publish(due);
                await().atMost(LONG).pollInterval(ofMillis(100)).until(() -> hasVolume(lost));

                lost.kill();
                Instant killed = Instant.now();
                long before = till.sold();

                await().atMost(BOUND).until(() -> till.sold() > before + 1);
                Duration stood = Duration.between(killed, Instant.now());
                await().atMost(LONG)
                        .until(() -> !events.of(due.run(), BackupCompleted.class).isEmpty());
                till.end();

                assertThat(stood).as("commits stood still").isLessThan(BOUND);
                assertThat(events.of(due.run(), BackupStarted.class))
                        .extracting(BackupStarted::store)
                        .containsExactly(LOST, Platform.PRIMARY);
                assertThat(events.of(due.run(), BackupStarted.class).getLast().startedAt())
                        .isBetween(killed, killed.plus(BOUND));
                assertThat(events.of(due.run(), BackupFailed.class))
                        .allSatisfy(failed -> assertThat(failed.retried()).isTrue());
                assertThat(events.all(WalGapDetected.class)).isEmpty();
                CommitObject commit = committedOnce(due, events, lost);
                comesBack(commit, begin, till);
            } finally {
                commitsWaitForNobody();
                till.end();
            }
        } finally {
            source().execute("DROP TABLE IF EXISTS sold");
            platform.forgetWal();
        }
    }

    private SourceServer source() {
        return platform.source();
    }

    private Path config(S3Server lost) throws IOException {
        String stores =
                "  lost: {bucket: lost, endpoint: \"%s\", accessKeyId: \"file:executor-id\", secretAccessKey: \"file:store-secret\"}%n"
                        .formatted(lost.endpoint());
        Path usual =
                platform.configFile(
                        Platform.cluster(TILL.value(), source(), ", maxRate: 6MiB"), stores);
        String text =
                Files.readString(usual)
                        .replace("queue: {copies: [primary]}", "queue: {copies: [lost, primary]}");
        assertThat(text).contains("[lost, primary]");
        return Files.writeString(usual.resolveSibling("cairn-store-loss.yaml"), text);
    }

    private void commitsWaitForTheStream() throws SQLException {
        source().execute("ALTER SYSTEM SET synchronous_standby_names = 'cairn_till'");
        source().server().reload();
        await().atMost(LONG)
                .until(() ->
                        source().ask(
                                        "SELECT count(*) FROM pg_stat_replication WHERE application_name = 'cairn_till' AND sync_state = 'sync'")
                                .equals("1"));
    }

    private void commitsWaitForNobody() throws SQLException {
        source().execute("ALTER SYSTEM RESET synchronous_standby_names");
        source().server().reload();
    }

    private static boolean hasVolume(S3Server store) throws IOException {
        try (Stream<Path> files = Files.walk(store.files("lost"))) {
            return files.anyMatch(file -> file.toString().contains(".tar/"));
        }
    }

    /** In the store that is left, and told so. */
    private CommitObject committedOnce(BackupDue due, KafkaEvents events, S3Server lost)
            throws Exception {
        assertThat(events.of(due.run(), BackupCompleted.class))
                .singleElement()
                .satisfies(told -> assertThat(told.store()).isEqualTo(Platform.PRIMARY));
        BackupLayout layout = new BackupLayout(root(), due.run().label());
        try (Stream<Path> files = Files.walk(lost.files("lost"))) {
            assertThat(files.filter(file -> file.endsWith("backup.json"))).isEmpty();
        }
        try (var objects = platform.store().list(layout.root().backupsPrefix())) {
            assertThat(objects.filter(it -> it.key().value().endsWith(".json")))
                    .singleElement()
                    .satisfies(it -> assertThat(it.key()).isEqualTo(layout.commit()));
        }
        CommitObject commit = stored(layout).commit();
        assertThat(events.of(due.run(), BackupCompleted.class).getFirst().attempt())
                .isEqualTo(commit.attempt());
        return commit;
    }

    private ClusterRoot root() throws SQLException {
        return new ClusterRoot(
                TILL,
                SystemIdentifier.parse(
                        source().ask("SELECT system_identifier FROM pg_control_system()")));
    }

    private StoredBackup stored(BackupLayout layout) {
        return StoredBackup.open(
                platform.store(), layout, platform.recipient(), platform.trustAnchor());
    }

    /**
     * From what the second store holds, and nothing else: every file as the server's manifest has
     * it, and a server with every row whose commit had returned.
     */
    private void comesBack(CommitObject commit, Lsn begin, Till till) throws Exception {
        StoredBackup backup = stored(commit.layout());
        assertThat(backup.differences()).isEmpty();
        StoredWalReader wal =
                new StoredWalReader(
                        platform.store(),
                        new WalLayout(commit.layout().root()),
                        platform.recipient());
        byte[] sinceTheFirst = wal.contiguous(ONE, begin, SourceServer.SEGMENT);
        assertThat(begin.plus(sinceTheFirst.length)).isGreaterThanOrEqualTo(till.last());

        Path data = unpack(backup, commit, directory.resolve("restored"));
        Lsn from = SourceServer.SEGMENT.startOf(commit.startLsn());
        writeSegments(
                wal.contiguous(ONE, from, SourceServer.SEGMENT), from, data.resolve("pg_wal"));
        try (LocalServer restored =
                LocalServer.on(PostgresBinaries.find(commit.majorVersion()), data)
                        .alsoOwned(directory.resolve("restored-space"))
                        .privateSocket()
                        .setting("shared_buffers", "16MB")
                        .start()) {
            assertThat(
                            Long.parseLong(
                                    ask(
                                            restored,
                                            "SELECT count(*) FROM sold WHERE number <= "
                                                    + till.sold())))
                    .isEqualTo(till.sold());
            String orders = "SELECT md5(string_agg(id || md5(body), ',' ORDER BY id)) FROM orders";
            assertThat(ask(restored, orders)).isEqualTo(source().ask(orders));
            String quick = "SELECT md5(string_agg(id || body, ',' ORDER BY id)) FROM quick";
            assertThat(ask(restored, quick)).isEqualTo(source().ask(quick));
        }
    }

    private static String ask(LocalServer server, String sql) throws SQLException {
        try (Connection connection = server.connect("postgres");
                Statement statement = connection.createStatement();
                ResultSet result = statement.executeQuery(sql)) {
            result.next();
            return String.valueOf(result.getString(1));
        }
    }

    private Path unpack(StoredBackup backup, CommitObject commit, Path data) throws IOException {
        StringBuilder map = new StringBuilder();
        for (Archive archive : commit.archives()) {
            Path to = archive.tablespace().isPresent() ? directory.resolve("restored-space") : data;
            archive.tablespace()
                    .ifPresent(space -> map.append("%d %s%n".formatted(space.oid(), to)));
            backup.unpack(archive.name(), to);
        }
        Files.writeString(data.resolve("tablespace_map"), map);
        // Of the source: commits would wait there too.
        Files.writeString(data.resolve("postgresql.auto.conf"), "");
        return data;
    }

    /** What the stream stored instead of what the backup carries, and all that came after it. */
    private static void writeSegments(byte[] wal, Lsn from, Path directory) throws IOException {
        int size = SourceServer.SEGMENT.bytes();
        for (int at = 0; at < wal.length; at += size) {
            String name = WalSegment.containing(ONE, from.plus(at), SourceServer.SEGMENT).name();
            // The end of the last is zeros.
            Files.write(directory.resolve(name), Arrays.copyOfRange(wal, at, at + size));
        }
    }

    /** Sells one thing after the other, each in a transaction of its own. */
    private static final class Till {

        private final SourceServer server;
        private final AtomicBoolean closed = new AtomicBoolean();
        private final Thread thread;
        private long sold;
        private Lsn last = new Lsn(0);
        private @Nullable SQLException failure;

        Till(SourceServer server) {
            this.server = server;
            this.thread = Thread.ofPlatform().daemon().start(this::sell);
        }

        private void sell() {
            try (Connection connection = server.server().connect("postgres");
                    Statement statement = connection.createStatement()) {
                while (!closed.get()) {
                    // The position is before the commit record, which the answer waits for.
                    try (ResultSet row =
                            statement.executeQuery(
                                    "WITH row AS (INSERT INTO sold VALUES (%d) RETURNING 1) SELECT pg_current_wal_insert_lsn() FROM row"
                                            .formatted(sold + 1))) {
                        row.next();
                        returned(Lsn.parse(row.getString(1)));
                    }
                }
            } catch (SQLException e) {
                fail(e);
            }
        }

        private synchronized void returned(Lsn position) {
            sold++;
            last = position;
        }

        private synchronized void fail(SQLException e) {
            failure = e;
        }

        /** How many commits have returned. */
        synchronized long sold() throws SQLException {
            if (failure != null) {
                throw failure;
            }
            return sold;
        }

        /** Where the newest of them is. */
        synchronized Lsn last() {
            return last;
        }

        void end() throws InterruptedException {
            closed.set(true);
            thread.join(ofSeconds(60));
        }
    }
}
