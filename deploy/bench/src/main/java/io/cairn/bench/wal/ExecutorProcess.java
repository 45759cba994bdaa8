package io.cairn.bench.wal;

import io.cairn.bench.Installation;
import io.cairn.bench.Metered;
import io.cairn.bench.ProcessTimes;
import io.cairn.model.Tier;
import io.cairn.testing.TestProcesses;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * The packaged executor in a process of its own, as an operator would start it, for one tier and
 * without a broker, which streams do not need.
 */
final class ExecutorProcess implements Metered, AutoCloseable {

    /** One run and one busy stream (docs/configuration.md, Sizing). */
    private static final List<String> JVM =
            List.of(
                    "--enable-native-access=ALL-UNNAMED",
                    "-Xmx432m",
                    "-Xmn24m",
                    "-XX:MaxDirectMemorySize=32m",
                    "-XX:+UseSerialGC");

    private static final Duration START = Duration.ofSeconds(90);
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

    /** Starts it and waits until it holds a stream. */
    static ExecutorProcess start(Installation installation, Tier tier, Path log)
            throws IOException, InterruptedException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(JVM);
        Stream.of(System.getProperty("cairn.executor.options", "").split(" "))
                .filter(option -> !option.isEmpty())
                .forEach(command::add);
        command.add("-jar");
        command.add(Path.of(System.getProperty("cairn.executor"), "quarkus-run.jar").toString());
        ProcessBuilder builder =
                new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log.toFile());
        builder.environment()
                .putAll(
                        Map.of(
                                "CAIRN_CONFIG", installation.file().toString(),
                                "CAIRN_TIERS", tier.id(),
                                "KAFKA_BOOTSTRAP_SERVERS", "127.0.0.1:1",
                                "QUARKUS_HTTP_HOST", "127.0.0.1",
                                "QUARKUS_HTTP_PORT", "0"));
        ExecutorProcess executor = new ExecutorProcess(builder.start(), log);
        try {
            executor.awaitStream();
            return executor;
        } catch (IllegalStateException | InterruptedException e) {
            executor.close();
            throw e;
        }
    }

    private void awaitStream() throws IOException, InterruptedException {
        long end = System.nanoTime() + START.toNanos();
        while (!Files.readString(log).contains("Holds the WAL stream of")) {
            if (process.waitFor(POLL_MILLIS, TimeUnit.MILLISECONDS) || System.nanoTime() > end) {
                throw new IllegalStateException(
                        "the executor holds no stream: " + Files.readString(log));
            }
        }
    }

    @Override
    public Duration cpu() {
        return ProcessTimes.tree(process.pid());
    }

    /** Its peak is that of its life: it is one executor for all rounds. */
    @Override
    public void watchMemory() {}

    @Override
    public long peakBytes() {
        return TestProcesses.peakResidentBytes(process.pid());
    }

    /** Lets it store what it has. */
    @Override
    public void close() {
        process.destroy();
        try {
            if (!process.waitFor(STOP.toSeconds(), TimeUnit.SECONDS)) {
                process.destroyForcibly().waitFor();
            }
            Runtime.getRuntime().removeShutdownHook(atExit);
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        } catch (IllegalStateException _) {
            // The bench is ending, and the hook does the same.
        }
    }
}
