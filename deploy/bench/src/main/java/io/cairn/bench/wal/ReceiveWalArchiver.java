package io.cairn.bench.wal;

import io.cairn.bench.Folders;
import io.cairn.bench.ProcessTimes;
import io.cairn.bench.SourceCluster;
import io.cairn.bench.ToolRun;
import io.cairn.testing.TestProcesses;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;

/**
 * {@code pg_receivewal} with gzip into a local directory: one thread, neither encryption nor a
 * store.
 */
final class ReceiveWalArchiver implements Archiver {

    private static final String SLOT = "bench_receivewal";
    private static final Duration LIMIT = Duration.ofMinutes(10);
    private static final Duration LOOK = Duration.ofMillis(500);

    private final Path program;
    private final Path directory;
    private final Workload workload;
    private final int level;
    private long peakBytes;

    ReceiveWalArchiver(Path program, Path directory, Workload workload, int level) {
        this.program = program;
        this.directory = directory;
        this.workload = workload;
        this.level = level;
    }

    @Override
    public String name() {
        return "pg_receivewal";
    }

    @Override
    public void prepare() throws IOException, SQLException {
        Folders.delete(directory);
        Folders.create(directory);
        workload.rewind(SLOT);
    }

    @Override
    public void archive() throws IOException, InterruptedException {
        SourceCluster cluster = workload.cluster();
        ProcessBuilder builder =
                new ProcessBuilder(
                        program.toString(),
                        "--directory=" + directory,
                        "--slot=" + SLOT,
                        "--host=" + cluster.address().host(),
                        "--port=" + cluster.address().port(),
                        "--username=" + cluster.superuser(),
                        "--no-password",
                        "--no-loop",
                        "--endpos=" + workload.wal().end(),
                        "--compress=gzip:" + level);
        builder.environment().put("PGPASSWORD", cluster.password().reveal());
        ToolRun.of(
                        name(),
                        builder,
                        directory.resolveSibling(directory.getFileName() + ".log"),
                        LIMIT,
                        LOOK,
                        this::watch)
                .requireSuccess();
    }

    private void watch(Process process) {
        peakBytes = Math.max(peakBytes, TestProcesses.peakResidentBytes(process.pid()));
    }

    @Override
    public long stored() throws IOException {
        return Folders.bytes(directory);
    }

    /** What all children of this process have used that have ended. */
    @Override
    public Duration cpu() {
        return ProcessTimes.self().waited();
    }

    @Override
    public void watchMemory() {
        peakBytes = 0;
    }

    @Override
    public long peakBytes() {
        return peakBytes;
    }
}
