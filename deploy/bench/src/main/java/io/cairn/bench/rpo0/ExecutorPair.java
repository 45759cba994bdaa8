package io.cairn.bench.rpo0;

import io.cairn.bench.Folders;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * Two executors of the queue tier, without a broker: one holds the stream, the other waits for it.
 */
final class ExecutorPair implements AutoCloseable {

    private final Path directory;
    private final Path application;
    private final Path archive;
    private final Map<String, String> environment;
    private final List<ExecutorProcess> running = new ArrayList<>();
    private int started;

    private ExecutorPair(Path directory, Path config) {
        this.directory = directory;
        this.application = directory.resolve("application");
        this.archive = directory.resolve("executor.jsa");
        this.environment =
                Map.ofEntries(
                        Map.entry("CAIRN_CONFIG", config.toString()),
                        Map.entry("CAIRN_TIERS", "queue"),
                        // Nobody listens there: WAL is stored whether Kafka is there or not.
                        Map.entry("KAFKA_BOOTSTRAP_SERVERS", "127.0.0.1:1"),
                        Map.entry("QUARKUS_HTTP_HOST", "127.0.0.1"),
                        Map.entry("QUARKUS_HTTP_PORT", "0"),
                        Map.entry("QUARKUS_LOG_CATEGORY__ORG_APACHE_KAFKA__LEVEL", "ERROR"),
                        Map.entry("CAIRN_EXECUTOR_WAL_RETAIN_FOR_ALL", "true"),
                        Map.entry("CAIRN_EXECUTOR_WAL_RETAINED_EVERY", "500ms"),
                        Map.entry("CAIRN_EXECUTOR_WAL_FAILOVER_AFTER", "1s"),
                        Map.entry("CAIRN_EXECUTOR_WAL_RETRY_PAUSE", "50ms"),
                        Map.entry("CAIRN_EXECUTOR_WAL_RETRY_PAUSE_MAX", "500ms"),
                        Map.entry("CAIRN_EXECUTOR_WAL_SLOT_PAUSE", "200ms"));
    }

    /**
     * @param packaged the built application, of which a copy is run: a build that begins meanwhile
     *     changes nothing
     */
    static ExecutorPair create(Path directory, Path packaged, Path config) throws IOException {
        Folders.create(directory);
        ExecutorPair pair = new ExecutorPair(directory, config);
        try (Stream<Path> files = Files.walk(packaged)) {
            for (Path file : files.toList()) {
                Files.copy(
                        file,
                        pair.application.resolve(packaged.relativize(file).toString()),
                        StandardCopyOption.COPY_ATTRIBUTES);
            }
        }
        return pair;
    }

    /** One that can tell what classes it needed. */
    synchronized void startFirst() throws IOException {
        start(List.of("-XX:+RecordDynamicDumpInfo"));
    }

    /** Replaces the first by two, which start sooner for what it knew, as all later ones do. */
    synchronized void startBoth() throws IOException, InterruptedException {
        running.getFirst().archiveClasses(archive);
        running.forEach(ExecutorProcess::kill);
        running.clear();
        startMissing();
        startMissing();
    }

    /** Starts another beside the one that is left. */
    synchronized void startMissing() throws IOException {
        start(
                Files.exists(archive)
                        ? List.of("-XX:SharedArchiveFile=" + archive)
                        : List.<String>of());
    }

    private void start(List<String> more) throws IOException {
        Path log = directory.resolve("executor-" + ++started + ".log");
        running.add(ExecutorProcess.start(application, log, environment, more));
    }

    /** {@code SIGKILL} to the one that took the stream last. */
    synchronized void killHolder() throws IOException {
        ExecutorProcess holder = running.getFirst();
        String latest = "";
        for (ExecutorProcess executor : running) {
            String took = executor.tookStream().orElse("");
            if (took.compareTo(latest) > 0) {
                holder = executor;
                latest = took;
            }
        }
        running.remove(holder);
        holder.kill();
        Files.delete(holder.log());
    }

    /** What an executor never does by itself. */
    synchronized void requireAlive() {
        for (ExecutorProcess executor : running) {
            if (!executor.isAlive()) {
                throw new IllegalStateException(
                        "an executor ended by itself; see " + executor.log());
            }
        }
    }

    @Override
    public synchronized void close() {
        running.forEach(ExecutorProcess::kill);
    }
}
