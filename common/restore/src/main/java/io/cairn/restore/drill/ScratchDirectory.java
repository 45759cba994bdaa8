package io.cairn.restore.drill;

import io.cairn.model.error.CairnException;
import io.cairn.model.error.ErrorCode;
import io.cairn.restore.target.FileTree;
import io.cairn.restore.target.TargetErrors;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HexFormat;
import java.util.UUID;
import java.util.random.RandomGenerator;

/**
 * The directory everything of one drill lies in, and that is gone when the drill has ended. A lock
 * file tells the directory of a running drill from one that a killed process left behind.
 */
final class ScratchDirectory implements AutoCloseable {

    private static final String PREFIX = "drill-";
    private static final String LOCK = "drill.lock";

    /**
     * In the names of this process's own, which it never sweeps: see {@link #sweep}. Short, since
     * sockets lie below.
     */
    private static final String OWN = PREFIX + UUID.randomUUID().toString().substring(0, 8) + "-";

    private final Path path;
    private final FileChannel lock;

    private ScratchDirectory(Path path, FileChannel lock) {
        this.path = path;
        this.lock = lock;
    }

    /**
     * Makes a new directory, and removes those that nobody works in any more.
     *
     * @throws CairnException {@link ErrorCode#TARGET_UNWRITABLE}, {@link ErrorCode#TARGET_NO_SPACE}
     */
    static ScratchDirectory in(Path scratch, RandomGenerator random) {
        Path path =
                scratch.toAbsolutePath()
                        .resolve(OWN + HexFormat.of().toHexDigits(random.nextInt()));
        try {
            Files.createDirectories(scratch);
            sweep(scratch);
            Files.createDirectory(path);
            FileChannel lock =
                    FileChannel.open(
                            path.resolve(LOCK),
                            StandardOpenOption.CREATE_NEW,
                            StandardOpenOption.WRITE);
            if (lock.tryLock() == null) {
                lock.close();
                throw new IOException("locked by another process");
            }
            return new ScratchDirectory(path, lock);
        } catch (IOException e) {
            throw TargetErrors.of(path, e);
        }
    }

    /**
     * Removes the directories that nobody works in any more, and ends the servers that still run in
     * them.
     *
     * @throws CairnException {@link ErrorCode#TARGET_UNWRITABLE}
     */
    static void removeAbandoned(Path scratch) {
        try {
            if (Files.isDirectory(scratch)) {
                sweep(scratch);
            }
        } catch (IOException e) {
            throw TargetErrors.of(scratch, e);
        }
    }

    /**
     * All but those of this process: a process loses its lock of a file as soon as it closes any
     * channel to it (fcntl(2)), so that looking at a drill's lock would let others remove the
     * drill.
     */
    private static void sweep(Path scratch) throws IOException {
        try (DirectoryStream<Path> leftovers = Files.newDirectoryStream(scratch, PREFIX + "*")) {
            for (Path leftover : leftovers) {
                if (!leftover.getFileName().toString().startsWith(OWN)) {
                    sweepIfAbandoned(leftover);
                }
            }
        }
    }

    /** Under its lock, so that of several that find it one removes it. */
    private static void sweepIfAbandoned(Path directory) throws IOException {
        // A directory without the file may be one that is just being made.
        if (!Files.isRegularFile(directory.resolve(LOCK))) {
            return;
        }
        try (FileChannel lock =
                FileChannel.open(directory.resolve(LOCK), StandardOpenOption.WRITE)) {
            if (lock.tryLock() != null) {
                Orphans.end(directory);
                delete(directory);
            }
        } catch (OverlappingFileLockException | NoSuchFileException _) {
            // Somebody works in it, or has just removed it.
        }
    }

    /** The lock file goes last: what a kill leaves of the rest is found by it. */
    private static void delete(Path directory) throws IOException {
        FileTree.deleteContents(directory, file -> file.endsWith(LOCK));
        FileTree.delete(directory);
    }

    Path path() {
        return path;
    }

    Path data() {
        return path.resolve("data");
    }

    Path tablespace(long oid) {
        return path.resolve("tablespace-" + oid);
    }

    Path log() {
        return path.resolve("postgres.log");
    }

    @Override
    public void close() {
        try (lock) {
            delete(path);
        } catch (IOException e) {
            throw TargetErrors.of(path, e);
        }
    }
}
