package io.cairn.testing;

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

/**
 * A packaged service in a process of its own, on a free port of 127.0.0.1. Ends with this JVM at
 * the latest. Thread-safe.
 */
public final class ServiceProcess implements AutoCloseable {

    private static final Pattern LISTENS = Pattern.compile("Listening on: http://[^:]+:(\\d+)");
    private static final Duration LIMIT = Duration.ofSeconds(60);
    private static final int POLL_MILLIS = 50;

    private final Process process;
    private final Path log;
    private final StartupArchive archive;

    private ServiceProcess(Process process, Path log, StartupArchive archive) {
        this.process = process;
        this.log = log;
        this.archive = archive;
        Runtime.getRuntime()
                .addShutdownHook(new Thread(process::destroyForcibly, "end " + log.getFileName()));
    }

    /**
     * Starts the service that the tested module was packaged to ({@code target/quarkus-app}),
     * without waiting for it.
     *
     * @param directory where its log goes
     * @param environment {@code CAIRN_CONFIG}, {@code KAFKA_BOOTSTRAP_SERVERS} and whatever else it
     *     is to have
     */
    public static ServiceProcess start(Path directory, Map<String, String> environment) {
        return start(Path.of("target", "quarkus-app"), directory, environment);
    }

    /**
     * The same of a service that was packaged elsewhere.
     *
     * @param application the folder
     */
    public static ServiceProcess start(
            Path application, Path directory, Map<String, String> environment) {
        Path jar = application.resolve("quarkus-run.jar");
        StartupArchive archive = StartupArchive.ofService(jar);
        List<String> command = new ArrayList<>();
        command.add(LocalProcess.java());
        command.addAll(archive.options());
        command.addAll(
                List.of(
                        "--enable-native-access=ALL-UNNAMED",
                        "-Xmx256m",
                        "-XX:+UseSerialGC",
                        "-XX:TieredStopAtLevel=1",
                        "-jar",
                        jar.toString()));
        try {
            Path log = Files.createTempFile(directory, "service-", ".log");
            ProcessBuilder builder =
                    new ProcessBuilder(command)
                            .redirectErrorStream(true)
                            .redirectOutput(log.toFile());
            builder.environment().put("QUARKUS_HTTP_HOST", "127.0.0.1");
            builder.environment().put("QUARKUS_HTTP_PORT", "0");
            builder.environment().putAll(environment);
            return new ServiceProcess(builder.start(), log, archive);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Everything it has written so far, to stdout and stderr. */
    public String log() {
        try {
            return Files.readString(log);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * Waits until it has written a line that contains {@code text}.
     *
     * @throws IllegalStateException if it ends without, or does not within a minute
     */
    public ServiceProcess awaitLog(String text) throws InterruptedException {
        long end = System.nanoTime() + LIMIT.toNanos();
        boolean alive = true;
        while (!log().contains(text)) {
            if (!alive || System.nanoTime() > end) {
                throw new IllegalStateException("it does not write '" + text + "': " + log());
            }
            // One more look at the log after the end.
            alive = !process.waitFor(POLL_MILLIS, TimeUnit.MILLISECONDS);
        }
        return this;
    }

    /** What an HTTP GET answers, whatever its status. */
    public String get(String path) throws InterruptedException {
        Matcher matcher = LISTENS.matcher(log());
        if (!matcher.find()) {
            throw new IllegalStateException("it listens nowhere: " + log());
        }
        return LoopbackHttp.get(URI.create("http://127.0.0.1:" + matcher.group(1) + path));
    }

    public long pid() {
        return process.pid();
    }

    public boolean isAlive() {
        return process.isAlive();
    }

    /** {@code SIGTERM}, without waiting. */
    public void terminate() {
        process.destroy();
    }

    /** {@code SIGKILL}; returns when it is gone. */
    public void kill() throws InterruptedException {
        process.destroyForcibly();
        awaitExit();
    }

    /** Its exit status. */
    public int awaitExit() throws InterruptedException {
        if (!process.waitFor(LIMIT.toSeconds(), TimeUnit.SECONDS)) {
            throw new IllegalStateException("it does not end: " + log());
        }
        if (isReady()) {
            archive.keep();
        }
        return process.exitValue();
    }

    private boolean isReady() {
        return LISTENS.matcher(log()).find();
    }

    /** Ends it: at once, unless what it leaves makes the next start quicker. */
    @Override
    public void close() {
        archive.end(process, isReady());
    }
}
