package io.cairn.restore.recovery;

import io.cairn.model.error.CairnException;
import io.cairn.restore.target.TargetErrors;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;

/**
 * {@code pg_wal} of a server that is fed: a file appears in it under its name when all of it is
 * there, and belongs to the server's user. Thread-safe.
 *
 * <p>Files are not made durable: until the server has written its checkpoint at the end, a power
 * failure ends the restore anyway.
 */
record WalDirectory(Path directory) {

    /** The server ignores it. */
    private static final String UNFINISHED = "cairn-";

    private static final int WRITE_BYTES = 256 << 10;

    static WalDirectory of(Path dataDirectory) {
        return new WalDirectory(dataDirectory.resolve("pg_wal"));
    }

    boolean has(String name) {
        return Files.exists(directory.resolve(name), LinkOption.NOFOLLOW_LINKS);
    }

    /**
     * Writes a file that nobody sees yet, then shows it to the server.
     *
     * @throws CairnException {@code TARGET_…}
     */
    void place(String name, ByteBuffer bytes) {
        Path file = directory.resolve(name);
        Path unfinished = directory.resolve(UNFINISHED + name);
        try {
            write(unfinished, bytes);
            ownAs(unfinished, directory);
            Files.move(unfinished, file, StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            throw TargetErrors.of(file, e);
        }
    }

    private static void write(Path file, ByteBuffer bytes) throws IOException {
        try (FileChannel channel =
                FileChannel.open(
                        file,
                        Set.of(
                                StandardOpenOption.CREATE,
                                StandardOpenOption.TRUNCATE_EXISTING,
                                StandardOpenOption.WRITE),
                        PosixFilePermissions.asFileAttribute(
                                PosixFilePermissions.fromString("rw-------")))) {
            for (int at = 0; at < bytes.capacity(); ) {
                int length = Math.min(WRITE_BYTES, bytes.capacity() - at);
                at += channel.write(bytes.slice(at, length));
            }
        }
    }

    /** As root, the server is another user's, and so is its directory while it runs. */
    static void ownAs(Path file, Path directory) throws IOException {
        if (!Files.getOwner(file).equals(Files.getOwner(directory))) {
            Files.setAttribute(file, "unix:gid", Files.getAttribute(directory, "unix:gid"));
            Files.setAttribute(file, "unix:uid", Files.getAttribute(directory, "unix:uid"));
        }
    }

    /** Removes what was written and never shown. */
    void clean() throws IOException {
        try (var files = Files.newDirectoryStream(directory, UNFINISHED + "*")) {
            for (Path file : files) {
                Files.delete(file);
            }
        }
    }
}
