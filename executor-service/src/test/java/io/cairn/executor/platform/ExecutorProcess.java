package io.cairn.executor.platform;

import static org.awaitility.Awaitility.await;

import io.cairn.testing.JvmOptions;
import io.cairn.testing.LoopbackHttp;
import io.cairn.testing.StartupArchive;
import io.cairn.testing.TestProcesses;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The packaged executor in a process of its own. */
public final class ExecutorProcess implements AutoCloseable {

    /** As an operator would start it (docs/configuration.md, Sizing). */
    public static final List<String> JVM =
            List.of("-Xmx288m", "-Xmn24m", "-XX:MaxDirectMemorySize=32m", "-XX:+UseSerialGC");

    /** Several may start at once, on a machine that is busy. */
    private static final Duration LIMIT = Duration.ofSeconds(120);

    private static final String READY = "Takes due events";
    private static final Pattern LISTENS = Pattern.compile("Listening on: http://[^:]+:(\\d+)");

    private final Process process;
    private final Path log;
    private final StartupArchive archive;

    private ExecutorProcess(Process process, Path log, StartupArchive archive) {
        this.process = process;
        this.log = log;
        this.archive = archive;
    }

    /**
     * Starts an executor without waiting for it.
     *
     * @param settings environment variables beside those that every executor needs
     */
    public static ExecutorProcess start(
            Platform platform, Path config, Map<String, String> settings) {
        // Not C1 alone: AES takes thirty times as long with it.
        return start(platform, config, settings, JvmOptions.COMPILES_LATER);
    }

    /** The same, with exactly an operator's options. */
    public static ExecutorProcess startAsOperator(
            Platform platform, Path config, Map<String, String> settings) {
        return start(platform, config, settings, List.of());
    }

    private static ExecutorProcess start(
            Platform platform, Path config, Map<String, String> settings, List<String> more) {
        Path jar =
                Path.of(System.getProperty("cairn.app", "target/quarkus-app"), "quarkus-run.jar");
        StartupArchive archive = StartupArchive.ofService(jar);
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(archive.options());
        command.add("--enable-native-access=ALL-UNNAMED");
        command.addAll(JVM);
        command.addAll(more);
        command.add("-jar");
        command.add(jar.toString());
        try {
            Path log = Files.createTempFile(platform.directory(), "executor-", ".log");
            ProcessBuilder builder =
                    new ProcessBuilder(command)
                            .redirectErrorStream(true)
                            .redirectOutput(log.toFile());
            Map<String, String> environment = builder.environment();
            environment.put("CAIRN_CONFIG", config.toString());
            environment.put("KAFKA_BOOTSTRAP_SERVERS", platform.kafka().bootstrapServers());
            environment.put("QUARKUS_HTTP_HOST", "127.0.0.1");
            environment.put("QUARKUS_HTTP_PORT", "0");
            environment.put("CAIRN_EXECUTOR_INTAKE_LOCK", "3s");
            environment.put("CAIRN_EXECUTOR_RUN_STALL_TIMEOUT", "3s");
            environment.put("CAIRN_EXECUTOR_RUN_FENCE_LOOK", "200ms");
            environment.put("CAIRN_EXECUTOR_RUN_RETRY_PAUSE", "1s");
            // Tests of backups count sessions and requests of their own.
            environment.put("CAIRN_EXECUTOR_WAL_HOLD", "false");
            environment.putAll(settings);
            Process process = builder.start();
            Runtime.getRuntime().addShutdownHook(new Thread(process::destroyForcibly));
            return new ExecutorProcess(process, log, archive);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public ExecutorProcess awaitReady() {
        return awaitLog(READY);
    }

    /** Waits until it has written a line that contains {@code text}. */
    public ExecutorProcess awaitLog(String text) {
        await().atMost(LIMIT)
                .pollInterval(Duration.ofMillis(50))
                .until(() -> {
                    if (!process.isAlive() && !log().contains(text)) {
                        throw new IllegalStateException("the executor has ended: " + log());
                    }
                    return log().contains(text);
                });
        return this;
    }

    public String log() {
        try {
            return Files.readString(log);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** What an HTTP GET answers. */
    public String get(String path) throws InterruptedException {
        Matcher matcher = LISTENS.matcher(log());
        if (!matcher.find()) {
            throw new IllegalStateException("it listens nowhere: " + log());
        }
        return LoopbackHttp.get(URI.create("http://127.0.0.1:" + matcher.group(1) + path));
    }

    public void kill() {
        process.destroyForcibly();
    }

    public void suspend() {
        TestProcesses.suspend(process.pid());
    }

    public void resume() {
        TestProcesses.resume(process.pid());
    }

    /** SIGTERM, without waiting. */
    public void terminate() {
        process.destroy();
    }

    /** The most memory that the process ever had. */
    public long peakBytes() {
        return TestProcesses.peakResidentBytes(process.pid());
    }

    public boolean isAlive() {
        return process.isAlive();
    }

    public int awaitExit() throws InterruptedException {
        if (!process.waitFor(LIMIT.toSeconds(), TimeUnit.SECONDS)) {
            throw new IllegalStateException("the executor does not end: " + log());
        }
        if (isReady()) {
            archive.keep();
        }
        return process.exitValue();
    }

    private boolean isReady() {
        return log().contains(READY);
    }

    /** Ends it: at once, unless what it leaves makes the next start quicker. */
    @Override
    public void close() {
        archive.end(process, isReady());
    }
}
