package io.cairn.bench.wal;

import io.cairn.bench.Folders;
import io.cairn.bench.PgBackRestTool;
import io.cairn.bench.ProcessTimes;
import io.cairn.bench.StoreServer;
import io.cairn.model.wal.WalSegment;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * pgBackRest's asynchronous {@code archive-push}: asked for one segment after the other, as the
 * server's archiver would, it stores what is ready with as many processes as there are cores.
 *
 * <p>The server itself does not archive: whether a segment is to be archived is said to pgBackRest
 * by files in its {@code archive_status}, which are written here. The processes that do this detach
 * themselves from who asked. So that none escapes the measurement they all run in a pid namespace,
 * whose first process inherits them and their times.
 */
final class PgBackRestArchiver implements Archiver {

    private static final String PUSH_ALL =
            """
            wal=$1
            shift
            for ready in "$wal"/archive_status/*.ready; do
                segment=${ready##*/}
                "$@" archive-push "$wal/${segment%.ready}" || exit 1
                mv "$ready" "${ready%.ready}.done"
            done
            for i in {1..200}; do
                kill -0 -1 2>/dev/null || exit 0
                sleep 0.05
            done
            echo "its processes do not end"
            exit 1
            """;

    private final Path directory;
    private final Workload workload;
    private final PgBackRestTool tool;

    private PgBackRestArchiver(Path directory, Workload workload, PgBackRestTool tool) {
        this.directory = directory;
        this.workload = workload;
        this.tool = tool;
    }

    /**
     * @param directory not there yet
     */
    static PgBackRestArchiver create(
            Path directory, Workload workload, StoreServer store, int level)
            throws IOException, InterruptedException {
        Folders.create(directory);
        return new PgBackRestArchiver(
                directory,
                workload,
                PgBackRestTool.create(
                        directory, workload.cluster(), store, level, "archive-async=y"));
    }

    @Override
    public String name() {
        return "pgBackRest";
    }

    @Override
    public void prepare() throws IOException {
        Path data = workload.cluster().dataDirectory();
        Folders.delete(directory.resolve("spool"));
        Folders.give(Folders.create(directory.resolve("spool")), data);
        tool.forget("archive");
        Path status = workload.walDirectory().resolve("archive_status");
        for (WalSegment segment : workload.segments()) {
            Files.deleteIfExists(status.resolve(segment.name() + ".done"));
            Folders.give(Folders.write(status.resolve(segment.name() + ".ready"), ""), data);
        }
    }

    @Override
    public void archive() throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of("unshare", "--pid", "--fork"));
        if (!System.getProperty("user.name").equals("root")) {
            command.addAll(List.of("--user", "--map-root-user"));
        }
        command.add("--");
        command.addAll(tool.asOwner());
        command.addAll(List.of("bash", "-c", PUSH_ALL, "bash", workload.walDirectory().toString()));
        command.addAll(tool.command());
        tool.run("archive-push", command);
    }

    @Override
    public long stored() throws IOException {
        return Folders.bytes(tool.stored("archive"));
    }

    /** What all children of this process have used that have ended. */
    @Override
    public Duration cpu() {
        return ProcessTimes.self().waited();
    }

    @Override
    public void watchMemory() {
        tool.watchMemory();
    }

    @Override
    public long peakBytes() {
        return tool.peakBytes();
    }
}
