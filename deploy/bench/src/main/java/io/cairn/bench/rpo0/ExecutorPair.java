package io.cairn.bench.rpo0;

import io.cairn.bench.ExecutorProcess;
import io.cairn.bench.Folders;
import io.cairn.model.Tier;
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

    /** One run at once (docs/configuration.md, Sizing), with a quick start. */
    private static final List<String> JVM =
            List.of(
                    "-Xmx288m",
                    "-XX:TieredStopAtLevel=1",
                    "-Xlog:disable",
                    "-Xlog:all=error:stderr");

    private static final Map<String, String> ENVIRONMENT =
            Map.of(
                    "QUARKUS_LOG_CATEGORY__ORG_APACHE_KAFKA__LEVEL", "ERROR",
                    "CAIRN_EXECUTOR_WAL_RETAIN_FOR_ALL", "true",
                    "CAIRN_EXECUTOR_WAL_RETAINED_EVERY", "500ms",
                    "CAIRN_EXECUTOR_FAILOVER_AFTER", "1s",
                    "CAIRN_EXECUTOR_WAL_RETRY_PAUSE", "50ms",
                    "CAIRN_EXECUTOR_WAL_RETRY_PAUSE_MAX", "500ms",
                    "CAIRN_EXECUTOR_WAL_SLOT_PAUSE", "200ms");

    private final Path directory;
    private final Path config;
    private final Path application;
    private final Path archive;
    private final List<ExecutorProcess> running = new ArrayList<>();
    private int started;

    private ExecutorPair(Path directory, Path config) {
        this.directory = directory;
        this.config = config;
        this.application = directory.resolve("application");
        this.archive = directory.resolve("executor.jsa");
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

    /** One that leaves the classes it needed in a file when it ends. */
    synchronized void startFirst() throws IOException {
        start(List.of("-XX:ArchiveClassesAtExit=" + archive));
    }

    /** Replaces the first by two, which start sooner for what it left, as all later ones do. */
    synchronized void startBoth() throws IOException {
        running.forEach(ExecutorProcess::close);
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
        List<String> jvm = Stream.concat(JVM.stream(), more.stream()).toList();
        running.add(ExecutorProcess.start(application, config, Tier.QUEUE, log, jvm, ENVIRONMENT));
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
