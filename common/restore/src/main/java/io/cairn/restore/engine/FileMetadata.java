package io.cairn.restore.engine;

import io.cairn.archive.tar.TarEntry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermission;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/**
 * What a file has beside its content: mode and time as on the source, and the owner.
 *
 * @param owner who gets the files, where they are to belong to another than this process's user
 */
record FileMetadata(Optional<Owner> owner) {

    /** What PostgreSQL's files have unless group access was asked for at initdb. */
    private static final int OWNER_FILE = 0600;

    record Owner(int user, int group) {}

    /**
     * Run as root into a directory that belongs to another user, the files are that user's, as
     * PostgreSQL needs them.
     */
    static FileMetadata like(Path directory) throws IOException {
        if (!"root".equals(System.getProperty("user.name")) || !Files.isDirectory(directory)) {
            return new FileMetadata(Optional.empty());
        }
        Owner owner =
                new Owner(
                        (Integer) Files.getAttribute(directory, "unix:uid"),
                        (Integer) Files.getAttribute(directory, "unix:gid"));
        return new FileMetadata(Optional.of(owner).filter(found -> found.user() != 0));
    }

    /** A new file is created with mode 0600, so there is nothing to do where that is its mode. */
    void applyToFile(Path path, TarEntry entry) throws IOException {
        if (entry.mode() != OWNER_FILE) {
            Files.setPosixFilePermissions(path, permissions(entry.mode()));
        }
        applyOwner(path);
        applyTime(path, entry);
    }

    void applyToDirectory(Path path, TarEntry entry) throws IOException {
        Files.setPosixFilePermissions(path, permissions(entry.mode()));
        applyOwner(path);
        applyTime(path, entry);
    }

    private static void applyTime(Path path, TarEntry entry) throws IOException {
        Files.setLastModifiedTime(path, FileTime.from(entry.modifiedSeconds(), TimeUnit.SECONDS));
    }

    /** Of a link itself, where it is one. */
    void applyOwner(Path path) throws IOException {
        if (owner.isPresent()) {
            Files.setAttribute(path, "unix:gid", owner.get().group(), LinkOption.NOFOLLOW_LINKS);
            Files.setAttribute(path, "unix:uid", owner.get().user(), LinkOption.NOFOLLOW_LINKS);
        }
    }

    static Set<PosixFilePermission> permissions(int mode) {
        Set<PosixFilePermission> permissions = EnumSet.noneOf(PosixFilePermission.class);
        PosixFilePermission[] fromHighest = PosixFilePermission.values();
        for (int bit = 0; bit < fromHighest.length; bit++) {
            if ((mode & 0400 >> bit) != 0) {
                permissions.add(fromHighest[bit]);
            }
        }
        return permissions;
    }
}
