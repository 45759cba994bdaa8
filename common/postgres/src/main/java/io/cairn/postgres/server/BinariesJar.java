package io.cairn.postgres.server;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.apache.commons.compress.compressors.xz.XZCompressorInputStream;

/**
 * A jar of {@code io.zonky.test.postgres}: one {@code .txz} with {@code bin}, {@code lib} and
 * {@code share}.
 */
record BinariesJar(Path jar, String version) {

    private static final Pattern NAME =
            Pattern.compile(".*-linux-([a-z0-9]+)-((\\d+)\\.[0-9.]+)\\.jar");

    /** The newest minor release of a major for this machine's processor. */
    static Optional<BinariesJar> newest(Path directory, int major) {
        if (!Files.isDirectory(directory)) {
            return Optional.empty();
        }
        try (Stream<Path> files = Files.list(directory)) {
            return files.flatMap(file -> of(file, major).stream())
                    .max(Comparator.comparing(BinariesJar::release, Arrays::compare));
        } catch (IOException e) {
            throw PostgresInstallations.unreadable(directory, e);
        }
    }

    private static Optional<BinariesJar> of(Path file, int major) {
        Matcher matcher = NAME.matcher(file.getFileName().toString());
        boolean fits =
                matcher.matches()
                        && processor().equals(matcher.group(1))
                        && Integer.parseInt(matcher.group(3)) == major;
        return fits ? Optional.of(new BinariesJar(file, matcher.group(2))) : Optional.empty();
    }

    private static String processor() {
        String name = System.getProperty("os.arch");
        return "aarch64".equals(name) ? "arm64v8" : name;
    }

    private int[] release() {
        return Arrays.stream(version.split("\\.")).mapToInt(Integer::parseInt).toArray();
    }

    /**
     * Unpacks into {@code <cache>/<version>} unless that is there. A directory of that name is
     * always complete: it is filled under another name and renamed, and whoever comes second uses
     * the first one's.
     */
    Path unpackInto(Path cache) {
        Path home = cache.resolve(version).toAbsolutePath();
        if (Files.isDirectory(home)) {
            return home;
        }
        try {
            Files.createDirectories(cache);
            Path unfinished = Files.createTempDirectory(cache, ".unpack-");
            unpack(unfinished);
            publish(unfinished, home);
            return home;
        } catch (IOException e) {
            throw PostgresInstallations.unreadable(jar, e);
        }
    }

    private static void publish(Path unfinished, Path home) throws IOException {
        try {
            Files.move(unfinished, home, StandardCopyOption.ATOMIC_MOVE);
        } catch (FileSystemException e) {
            FileTree.delete(unfinished);
            if (!Files.isDirectory(home)) {
                throw e;
            }
        }
    }

    private void unpack(Path target) throws IOException {
        try (ZipFile zip = new ZipFile(jar.toFile())) {
            ZipEntry entry =
                    zip.stream()
                            .filter(candidate -> candidate.getName().endsWith(".txz"))
                            .findAny()
                            .orElseThrow(() -> new IOException("the jar holds no .txz"));
            try (InputStream in = new BufferedInputStream(zip.getInputStream(entry));
                    TarArchiveInputStream tar =
                            new TarArchiveInputStream(new XZCompressorInputStream(in))) {
                for (TarArchiveEntry file = tar.getNextEntry();
                        file != null;
                        file = tar.getNextEntry()) {
                    unpack(tar, file, target);
                }
            }
        }
        openDirectories(target);
    }

    private static void unpack(TarArchiveInputStream tar, TarArchiveEntry entry, Path target)
            throws IOException {
        Path path = target.resolve(entry.getName()).normalize();
        if (!path.startsWith(target)) {
            throw new IOException("the archive reaches outside its directory: " + entry.getName());
        }
        Files.createDirectories(entry.isDirectory() ? path : path.getParent());
        if (entry.isSymbolicLink()) {
            Files.createSymbolicLink(path, Path.of(entry.getLinkName()));
        } else if (entry.isLink()) {
            Files.createLink(path, target.resolve(entry.getLinkName()));
        } else if (entry.isFile()) {
            Files.copy(tar, path);
            Files.setPosixFilePermissions(path, permissions(entry.getMode()));
        }
    }

    /** The server may run as another user, whatever this process's umask. */
    private static void openDirectories(Path target) throws IOException {
        for (Path directory : FileTree.directories(target)) {
            Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxr-xr-x"));
        }
    }

    private static Set<PosixFilePermission> permissions(int mode) {
        return PosixFilePermissions.fromString((mode & 0100) == 0 ? "rw-r--r--" : "rwxr-xr-x");
    }
}
