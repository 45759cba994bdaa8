package io.cairn.executor.basebackup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.cairn.events.BackupDue;
import io.cairn.events.DueCause;
import io.cairn.executor.platform.ExecutorProcess;
import io.cairn.executor.platform.KafkaEvents;
import io.cairn.executor.platform.Platform;
import io.cairn.executor.platform.PlatformExtension;
import io.cairn.model.BackupKind;
import io.cairn.model.BackupLabel;
import io.cairn.model.ClusterName;
import io.cairn.model.RunId;
import io.cairn.model.Tier;
import io.cairn.model.policy.RunPolicy;
import io.cairn.testing.StoreFault;
import io.cairn.testing.StoreOperation;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** The packaged executor with an operator's JVM options and every setting by default. */
@ExtendWith(PlatformExtension.class)
class BackpressureIT {

    private static final long LIMIT_BYTES = 512L << 20;
    private static final long VOLUMES_BYTES = 192L << 20;
    private static final int BALLAST_BYTES = 512 << 20;
    private static final int STILL = 8;

    private static final Pattern RECEIVED =
            Pattern.compile("cairn_backup_input_bytes_total\\{[^}]*} ([0-9.E]+)");

    private final Platform platform;

    BackpressureIT(Platform platform) {
        this.platform = platform;
    }

    @Test
    void aStoreAHundredTimesSlowerHoldsTheServerBackAndTheWholeProcessStaysBelow512MiB()
            throws Exception {
        platform.proxy()
                .injectAlways(
                        new StoreFault.Throttle(1_000_000),
                        StoreFault.on(StoreOperation.CREATE, ".tar/"));
        Path ballast = platform.source().server().dataDirectory().resolve("ballast");
        try (KafkaEvents events = new KafkaEvents(platform.kafka().bootstrapServers());
                ExecutorProcess executor =
                        ExecutorProcess.startAsOperator(
                                platform,
                                platform.configFile(),
                                Map.of("CAIRN_TIERS", Tier.OLAP.id()))) {
            writeRandom(ballast);
            executor.awaitReady();
            events.publish(due());

            // Every buffer is full, and for two seconds nothing more is taken from the server.
            List<Long> seen = new ArrayList<>();
            await().atMost(Duration.ofSeconds(120))
                    .pollInterval(Duration.ofMillis(250))
                    .until(() -> {
                        assertThat(executor.isAlive()).as(executor::log).isTrue();
                        assertThat(executor.log()).doesNotContain("failed", "is skipped");
                        seen.add(received(executor));
                        // A busy machine may stand still for as long before the buffers are full.
                        return seen.getLast() >= VOLUMES_BYTES && standsStill(seen);
                    });
            assertThat(seen.getLast()).isBetween(VOLUMES_BYTES, 2 * VOLUMES_BYTES);
            assertThat(executor.peakBytes()).isBetween(VOLUMES_BYTES, LIMIT_BYTES);
            assertThat(executor.log()).doesNotContain("OutOfMemory");
        } finally {
            Files.deleteIfExists(ballast);
            platform.proxy().heal();
        }
    }

    /**
     * A file that the server sends with its own, and that does not compress: bigger than all
     * buffers.
     */
    private static void writeRandom(Path file) throws IOException {
        SplittableRandom random = new SplittableRandom(1);
        byte[] piece = new byte[1 << 20];
        try (OutputStream out = Files.newOutputStream(file)) {
            for (int written = 0; written < BALLAST_BYTES; written += piece.length) {
                random.nextBytes(piece);
                out.write(piece);
            }
        }
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r--r--"));
    }

    private static BackupDue due() {
        Instant now = Instant.now();
        return new BackupDue(
                new RunId(new ClusterName("shop"), BackupLabel.of(now, BackupKind.FULL)),
                Tier.OLAP,
                now,
                // Soon over: what is killed here does not come back to another test's executor.
                now.plus(Duration.ofSeconds(60)),
                DueCause.REQUESTED,
                new RunPolicy(
                        Duration.ofDays(90),
                        Duration.ofMinutes(15),
                        Duration.ofMinutes(15),
                        List.of(Platform.PRIMARY),
                        6,
                        RunPolicy.VOLUME_BYTES_DEFAULT));
    }

    private static long received(ExecutorProcess executor) throws InterruptedException {
        Matcher matcher = RECEIVED.matcher(executor.get("/metrics"));
        return matcher.find() ? (long) Double.parseDouble(matcher.group(1)) : 0;
    }

    private static boolean standsStill(List<Long> seen) {
        List<Long> last = seen.subList(Math.max(0, seen.size() - STILL), seen.size());
        return last.size() == STILL && last.getFirst() > 0 && last.stream().distinct().count() == 1;
    }
}
