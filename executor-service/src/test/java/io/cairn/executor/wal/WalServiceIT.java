package io.cairn.executor.wal;

import static java.time.Duration.ofSeconds;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.cairn.events.WalArchived;
import io.cairn.events.WalGapDetected;
import io.cairn.executor.platform.ExecutorProcess;
import io.cairn.executor.platform.KafkaEvents;
import io.cairn.executor.platform.Platform;
import io.cairn.executor.platform.PlatformExtension;
import io.cairn.executor.platform.SourceServer;
import io.cairn.model.Lsn;
import io.cairn.model.SystemIdentifier;
import io.cairn.model.Timeline;
import io.cairn.model.backup.ClusterRoot;
import io.cairn.model.wal.StoredWal;
import io.cairn.model.wal.WalLayout;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/** Packaged executors as processes, of which one holds the stream. */
@Timeout(180)
@ExtendWith(PlatformExtension.class)
class WalServiceIT {

    private static final Timeline ONE = new Timeline(1);

    private final Platform platform;
    private final List<ExecutorProcess> started = new ArrayList<>();

    WalServiceIT(Platform platform) {
        this.platform = platform;
    }

    @AfterEach
    void endAll() throws InterruptedException {
        for (ExecutorProcess executor : started) {
            executor.close();
            executor.awaitExit();
        }
        platform.forgetWal();
    }

    private SourceServer source() {
        return platform.source();
    }

    @Test
    void aKilledHoldersStreamIsTakenOverWithinTenSeconds() throws Exception {
        try (KafkaEvents events = new KafkaEvents(platform.kafka().bootstrapServers())) {
            ExecutorProcess first = executor(Map.of()).awaitLog("Holds the WAL stream of shop");
            ExecutorProcess second = executor(Map.of()).awaitReady();
            write();
            awaitStored();
            assertThat(second.log()).doesNotContain("Holds the WAL stream of shop");

            first.kill();
            long begun = System.nanoTime();
            second.awaitLog("Holds the WAL stream of shop");
            assertThat(Duration.ofNanos(System.nanoTime() - begun)).isLessThan(ofSeconds(10));
            write();
            awaitStored();

            assertStoredWithoutAHole();
            await().atMost(ofSeconds(30))
                    .until(() ->
                            events.all(WalArchived.class).stream()
                                    .anyMatch(it -> it.recoverableUntil().isPresent()));
            assertThat(events.all(WalGapDetected.class)).isEmpty();
            await().atMost(ofSeconds(30))
                    .untilAsserted(() ->
                            assertThat(second.get("/metrics"))
                                    .contains("cairn_wal_recoverable_age_seconds{cluster=\"shop\"")
                                    // Another cluster of the tier may be up by now.
                                    .containsPattern("cairn_wal_streams_held [12]\\.0")
                                    .contains("cairn_wal_stored_bytes_total{cluster=\"shop\""));

            second.terminate();
            assertThat(second.awaitExit()).isIn(0, 143);
            assertThat(second.log()).contains("Lets the WAL stream of shop go");
        }
    }

    @Test
    void walIsStreamedAlthoughThereIsNoBroker() throws Exception {
        ExecutorProcess executor =
                executor(
                                Map.of(
                                        "KAFKA_BOOTSTRAP_SERVERS", "127.0.0.1:1",
                                        // What cannot be told is given up after this, at the end
                                        // too.
                                        "MP_MESSAGING_OUTGOING_CAIRN_EVENTS_MAX_BLOCK_MS", "3000"))
                        .awaitLog("Holds the WAL stream of shop");
        write();
        awaitStored();

        assertStoredWithoutAHole();
        assertThat(executor.isAlive()).isTrue();

        executor.terminate();
        executor.awaitExit();
        assertThat(executor.log()).contains("Lets the WAL stream of shop go");
    }

    private ExecutorProcess executor(Map<String, String> settings) throws IOException {
        Map<String, String> environment = new HashMap<>(settings);
        environment.put("CAIRN_TIERS", "oltp");
        environment.put("CAIRN_EXECUTOR_WAL_HOLD", "true");
        environment.put("CAIRN_EXECUTOR_WAL_ARCHIVED_EVERY", "500ms");
        ExecutorProcess executor = ExecutorProcess.start(platform, config(), environment);
        started.add(executor);
        return executor;
    }

    /** With pieces after half a second. */
    private Path config() throws IOException {
        Path usual = platform.configFile();
        String text =
                Files.readString(usual)
                        .replace(
                                "oltp: {copies: [primary]",
                                "oltp: {wal: {piece: {after: 500ms}}, copies: [primary]");
        assertThat(text).contains("piece");
        return Files.writeString(usual.resolveSibling("cairn-wal.yaml"), text);
    }

    private void write() throws SQLException {
        source().execute(
                        "CREATE TABLE IF NOT EXISTS streamed (body text)",
                        "INSERT INTO streamed SELECT repeat(md5(n::text), 8) FROM generate_series(1, 9000) n");
    }

    private void awaitStored() throws SQLException {
        String flushed = source().ask("SELECT pg_current_wal_flush_lsn()");
        await().atMost(ofSeconds(60))
                .until(() ->
                        source().ask(
                                        "SELECT coalesce(bool_or(flush_lsn >= '"
                                                + flushed
                                                + "'::pg_lsn), false) FROM pg_stat_replication WHERE application_name = 'cairn_shop'")
                                .equals("t"));
    }

    private void assertStoredWithoutAHole() throws SQLException {
        StoredWalReader reader =
                new StoredWalReader(
                        platform.store(),
                        new WalLayout(
                                new ClusterRoot(
                                        WalRig.SHOP,
                                        SystemIdentifier.parse(
                                                source().ask(
                                                                "SELECT system_identifier FROM pg_control_system()")))),
                        platform.recipient());
        Lsn flushed = Lsn.parse(source().ask("SELECT pg_current_wal_flush_lsn()"));
        List<StoredWalReader.Stretch> stretches =
                reader.stretches(ONE, false, SourceServer.SEGMENT);
        assertThat(stretches)
                .filteredOn(it -> it.stored() instanceof StoredWal.Segment)
                .isNotEmpty();
        Lsn start = stretches.getFirst().range().start();
        byte[] wal = reader.contiguous(ONE, start, SourceServer.SEGMENT);
        assertThat(start.plus(wal.length)).isGreaterThanOrEqualTo(flushed.plus(-8192));
    }
}
