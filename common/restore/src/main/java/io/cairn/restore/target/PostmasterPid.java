package io.cairn.restore.target;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Optional;

/**
 * {@code postmaster.pid}, the lock file of a running server; its first line is the process id,
 * negative for a single-user server.
 *
 * @see <a href="https://www.postgresql.org/docs/current/storage-file-layout.html">Database File
 *     Layout</a>
 */
final class PostmasterPid {

    private PostmasterPid() {}

    /**
     * The process that has the directory, if it still runs. A file left by a crash names a process
     * that does not.
     */
    static Optional<Long> running(Path dataDirectory) throws IOException {
        try {
            String first =
                    Files.readString(dataDirectory.resolve("postmaster.pid"))
                            .lines()
                            .findFirst()
                            .orElse("");
            long pid = Math.abs(Long.parseLong(first.strip()));
            return ProcessHandle.of(pid).filter(ProcessHandle::isAlive).map(ProcessHandle::pid);
        } catch (NoSuchFileException | NumberFormatException e) {
            return Optional.empty();
        }
    }
}
