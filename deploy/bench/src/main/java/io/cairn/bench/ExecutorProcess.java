package io.cairn.bench;

import io.cairn.model.Tier;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * One run of the packaged executor in a process of its own, as an operator would start it
 * (docs/configuration.md, Sizing), for one tier and without a broker: WAL is stored whether Kafka
 * is there or not.
 */
public final class ExecutorProcess implements AutoCloseable {

    private static final List<String> JVM =
            List.of(
                    "--enable-native-access=ALL-UNNAMED",
                    "-Xmn24m",
                    "-XX:MaxDirectMemorySize=32m",
                    "-XX:+UseSerialGC");

    private static final String HOLDS = "Holds the WAL stream of";
    private static final Duration STREAM = Duration.ofSeconds(90);
    private static final Duration STOP = Duration.ofSeconds(30);
    private static final int POLL_MILLIS = 50;

    private final Process process;
    private final Path log;
    private final Thread atExit;

    private ExecutorProcess(Process process, Path log) {
        this.process = process;
        this.log = log;
        this.atExit = new Thread(process::destroyForcibly, "end executor " + process.pid());
        Runtime.getRuntime().addShutdownHook(atExit);
    }

    /** The folder that the executor was packaged to. */
    public static Path packaged() {
        return Path.of(System.getProperty("cairn.executor"));
    }

    /**
     * Starts it without waiting.
     *
     * @param application folder of the packaged executor
     * @param jvm more options, at least the size of the heap
     * @param more of its environment
     */
    public static ExecutorProcess start(
            Path application,
            Path config,
            Tier tier,
            Path log,
            List<String> jvm,
            Map<String, String> more)
            throws IOException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(JVM);
        command.addAll(jvm);
        command.add("-jar");
        command.add(application.resolve("quarkus-run.jar").toString());
        ProcessBuilder builder =
                new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log.toFile());
        builder.environment()
                .putAll(
                        Map.of(
                                "CAIRN_CONFIG", config.toString(),
                                "CAIRN_TIERS", tier.id(),
                                // Nobody listens there.
                                "KAFKA_BOOTSTRAP_SERVERS", "127.0.0.1:1",
                                "QUARKUS_HTTP_HOST", "127.0.0.1",
                                "QUARKUS_HTTP_PORT", "0"));
        builder.environment().putAll(more);
        return new ExecutorProcess(builder.start(), log);
    }

    public long pid() {
        return process.pid();
    }

    public boolean isAlive() {
        return process.isAlive();
    }

    public Path log() {
        return log;
    }

    /** When it took the stream last; lines of the log begin with their time. */
    public Optional<String> tookStream() throws IOException {
        try (Stream<String> lines = Files.lines(log)) {
            return lines.filter(line -> line.contains(HOLDS))
                    .reduce((_, last) -> last)
                    .map(line -> line.substring(0, line.indexOf(HOLDS)));
        }
    }

    /**
     * Waits until it holds a stream.
     *
     * @throws IllegalStateException with its log, if it ends or does not within 90 s
     */
    public void awaitStream() throws IOException, InterruptedException {
        long end = System.nanoTime() + STREAM.toNanos();
        while (tookStream().isEmpty()) {
            if (process.waitFor(POLL_MILLIS, TimeUnit.MILLISECONDS) || System.nanoTime() > end) {
                throw new IllegalStateException(
                        "the executor holds no stream: " + Files.readString(log));
            }
        }
    }

    /** {@code SIGKILL}; returns when it is gone. */
    public void kill() {
        process.destroyForcibly().onExit().join();
        forget();
    }

    /** {@code SIGTERM}: lets it store what it has. */
    @Override
    public void close() {
        process.destroy();
        try {
            if (!process.waitFor(STOP.toSeconds(), TimeUnit.SECONDS)) {
                process.destroyForcibly().waitFor();
            }
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
        forget();
    }

    private void forget() {
        try {
            Runtime.getRuntime().removeShutdownHook(atExit);
        } catch (IllegalStateException e) {
            // The bench is ending, and the hook does the same.
            process.destroyForcibly();
        }
    }
}
