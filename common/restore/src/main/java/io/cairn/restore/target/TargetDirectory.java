package io.cairn.restore.target;

import io.cairn.model.error.CairnException;
import io.cairn.model.error.ErrorCode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermission;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * A directory that a restore has taken for itself: the data directory or a tablespace's. From
 * {@link #claim} to {@link #release} it holds a file {@value #MARKER}, locked while the restore
 * runs. A directory with that file is no database; only another restore may take it. Not
 * thread-safe.
 */
public final class TargetDirectory implements AutoCloseable {

    /** Its presence says that a restore into the directory began and did not end. */
    public static final String MARKER = "cairn.restore-incomplete";

    private final Path directory;
    private final FileChannel marker;
    private final boolean begun;

    private TargetDirectory(Path directory, FileChannel marker, boolean begun) {
        this.directory = directory;
        this.marker = marker;
        this.begun = begun;
    }

    /**
     * Refuses a directory that a restore must not write into. Changes nothing. What does not exist
     * is fine.
     *
     * @throws CairnException {@link ErrorCode#TARGET_LIVE} if a running server has it, {@link
     *     ErrorCode#TARGET_NOT_EMPTY}
     */
    public static void requireUsable(Path directory) {
        try {
            if (Files.exists(directory, LinkOption.NOFOLLOW_LINKS)) {
                requireUsableExisting(directory);
            }
        } catch (IOException e) {
            throw TargetErrors.of(directory, e);
        }
    }

    private static void requireUsableExisting(Path directory) throws IOException {
        if (!Files.isDirectory(directory)) {
            throw new CairnException(
                    ErrorCode.TARGET_NOT_EMPTY,
                    directory + " is not a directory",
                    "name an empty or a new directory");
        }
        PostmasterPid.running(directory)
                .ifPresent(pid -> {
                    throw new CairnException(
                            ErrorCode.TARGET_LIVE,
                            "a server with process id " + pid + " runs on " + directory,
                            isUnfinished(directory)
                                    ? "it is what a restore that was killed left behind: end process "
                                            + pid
                                            + ", then run the restore again"
                                    : "restore into another directory, or stop that server and empty the directory");
                });
        if (!isUnfinished(directory)) {
            requireEmpty(directory);
        }
    }

    private static void requireEmpty(Path directory) throws IOException {
        try (DirectoryStream<Path> files = Files.newDirectoryStream(directory)) {
            for (Path file : files) {
                throw new CairnException(
                        ErrorCode.TARGET_NOT_EMPTY,
                        directory + " is not empty, it holds " + file.getFileName(),
                        "name an empty or a new directory; a restore never overwrites");
            }
        }
    }

    /** Whether an earlier restore into it did not end. */
    public static boolean isUnfinished(Path directory) {
        return Files.isRegularFile(directory.resolve(MARKER), LinkOption.NOFOLLOW_LINKS);
    }

    /**
     * Takes the directory, creating it where it does not exist, and leaves in it what an unfinished
     * restore left, until {@link #clear}.
     *
     * @param purpose written into the marker for whoever finds it
     * @throws CairnException as {@link #requireUsable}; {@link ErrorCode#TARGET_LIVE} also if
     *     another restore is at work
     */
    public static TargetDirectory claim(
            Path directory, Set<PosixFilePermission> permissions, String purpose) {
        requireUsable(directory);
        FileChannel marker = null;
        try {
            boolean begun = isUnfinished(directory);
            Files.createDirectories(directory);
            Files.setPosixFilePermissions(directory, permissions);
            marker =
                    FileChannel.open(
                            directory.resolve(MARKER),
                            StandardOpenOption.CREATE,
                            StandardOpenOption.WRITE,
                            LinkOption.NOFOLLOW_LINKS);
            lock(directory, marker);
            marker.truncate(0);
            marker.write(ByteBuffer.wrap(text(purpose)));
            marker.force(true);
            return new TargetDirectory(directory, marker, begun);
        } catch (IOException e) {
            throw closing(marker, TargetErrors.of(directory, e));
        } catch (CairnException e) {
            throw closing(marker, e);
        }
    }

    /** Whether an earlier restore into it had begun. */
    public boolean begun() {
        return begun;
    }

    /** Removes everything else than the marker. */
    public void clear(Predicate<Path> keep) throws IOException {
        Path own = directory.resolve(MARKER);
        FileTree.deleteContents(directory, file -> file.equals(own) || keep.test(file));
    }

    /**
     * Ends a restore whose last step another did than who claimed the directory: the marker goes.
     */
    public static void finish(Path directory) throws IOException {
        Files.deleteIfExists(directory.resolve(MARKER));
        DurableFiles.syncDirectory(directory);
    }

    private static void lock(Path directory, FileChannel marker) throws IOException {
        try {
            FileLock lock = marker.tryLock();
            if (lock != null) {
                return;
            }
        } catch (OverlappingFileLockException e) {
            throw busy(directory, e);
        }
        throw busy(directory, null);
    }

    private static CairnException busy(Path directory, @Nullable Exception cause) {
        return new CairnException(
                ErrorCode.TARGET_LIVE,
                "another restore is writing into " + directory,
                "wait for it to end, or restore into another directory",
                cause);
    }

    private static byte[] text(String purpose) {
        return (purpose
                        + "\nThis directory is not a database until this file is gone: the restore has not ended, or it failed."
                        + "\nRun the restore again (what is complete is kept), or remove the directory.\n")
                .getBytes(StandardCharsets.UTF_8);
    }

    private static CairnException closing(@Nullable FileChannel marker, CairnException failure) {
        if (marker != null) {
            try {
                marker.close();
            } catch (IOException e) {
                failure.addSuppressed(e);
            }
        }
        return failure;
    }

    public Path path() {
        return directory;
    }

    /**
     * Declares the directory complete: the marker goes, durably. To be called when everything else
     * in it is durable.
     */
    public void release() throws IOException {
        Files.delete(directory.resolve(MARKER));
        DurableFiles.syncDirectory(directory);
        close();
    }

    /**
     * Lets go of the directory. Without {@link #release} the marker stays, and the directory is no
     * database.
     */
    @Override
    public void close() throws IOException {
        marker.close();
    }
}
