package io.cairn.restore.drill;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.locks.LockSupport;

/**
 * Servers whose drill was killed. A postmaster and its children have their data directory as
 * working directory, which Linux tells of every process of the same user.
 */
final class Orphans {

    private static final Duration PATIENCE = Duration.ofSeconds(10);
    private static final Duration POLL = Duration.ofMillis(20);

    private Orphans() {}

    /** Kills what works in a directory, and waits until it is gone. */
    static void end(Path directory) throws IOException {
        Path real = directory.toRealPath();
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        List<ProcessHandle> orphans = in(real);
        while (!orphans.isEmpty()) {
            if (System.nanoTime() > deadline) {
                throw new IOException(
                        "process "
                                + orphans.getFirst().pid()
                                + ", left by a killed drill, does not end");
            }
            orphans.forEach(ProcessHandle::destroyForcibly);
            LockSupport.parkNanos(POLL.toNanos());
            orphans = in(real);
        }
    }

    private static List<ProcessHandle> in(Path directory) {
        return ProcessHandle.allProcesses().filter(process -> worksIn(process, directory)).toList();
    }

    private static boolean worksIn(ProcessHandle process, Path directory) {
        try {
            return Files.readSymbolicLink(Path.of("/proc", Long.toString(process.pid()), "cwd"))
                    .startsWith(directory);
        } catch (IOException | UnsupportedOperationException e) {
            // It is another user's, or gone, or there is no /proc.
            return false;
        }
    }
}
