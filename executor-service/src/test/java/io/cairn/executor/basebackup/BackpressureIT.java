package io.cairn.executor.basebackup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.cairn.executor.platform.Platform;
import io.cairn.executor.platform.PlatformExtension;
import io.cairn.testing.StoreFault;
import io.cairn.testing.StoreOperation;
import io.cairn.testing.TestProcesses;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(PlatformExtension.class)
class BackpressureIT {

    private static final long LIMIT_BYTES = 512L << 20;

    private final Platform platform;

    BackpressureIT(Platform platform) {
        this.platform = platform;
    }

    @Test
    void aStoreAHundredTimesSlowerHoldsTheServerBackAndTheWholeProcessStaysBelow512MiB()
            throws IOException {
        platform.proxy()
                .injectAlways(
                        new StoreFault.Throttle(1_000_000),
                        StoreFault.on(StoreOperation.CREATE, ".tar/"));
        Path out = Files.createTempFile(platform.directory(), "endless-", ".out");
        Process process =
                new ProcessBuilder(
                                List.of(
                                        Path.of(System.getProperty("java.home"), "bin", "java")
                                                .toString(),
                                        "--enable-native-access=ALL-UNNAMED",
                                        "-Xmx340m",
                                        "-Xmn40m",
                                        "-XX:+UseSerialGC",
                                        "-cp",
                                        System.getProperty(
                                                "surefire.test.class.path",
                                                System.getProperty("java.class.path")),
                                        EndlessCluster.class.getName(),
                                        platform.configFile().toString()))
                        .redirectErrorStream(true)
                        .redirectOutput(out.toFile())
                        .start();
        try {
            // Every buffer is full, and for two seconds nothing more is taken from the server.
            await().atMost(Duration.ofSeconds(60))
                    .pollInterval(Duration.ofMillis(250))
                    .until(() -> {
                        assertThat(process.isAlive()).as(() -> text(out)).isTrue();
                        return standsStill(Files.readAllLines(out));
                    });
            assertThat(received(Files.readAllLines(out))).isBetween(150L << 20, LIMIT_BYTES);
            assertThat(TestProcesses.peakResidentBytes(process.pid())).isLessThan(LIMIT_BYTES);
        } finally {
            process.destroyForcibly();
            platform.proxy().heal();
        }
    }

    private static boolean standsStill(List<String> lines) {
        List<String> last = lines.subList(Math.max(0, lines.size() - 8), lines.size());
        return last.size() == 8 && last.stream().distinct().count() == 1 && received(lines) > 0;
    }

    private static long received(List<String> lines) {
        return Long.parseLong(lines.getLast().substring(EndlessCluster.RECEIVED.length()));
    }

    private static String text(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            return e.toString();
        }
    }
}
