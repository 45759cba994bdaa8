package io.cairn.local;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;

/**
 * The one folder that everything on this machine lives in, {@code .cairn/} beside the sources.
 * Deleting it forgets the platform.
 */
record StateFolder(Path root) {

    /**
     * Relative, since a socket's path is limited to 107 bytes and the state folder may lie deep:
     * {@code up}, {@code down} and {@code scale} run in the state folder.
     */
    static final Path CONTROL_SOCKET = Path.of("control.sock");

    private static final List<String> FOLDERS = List.of("logs", "data", "startup", "running");

    Path config() {
        return root.resolve("cairn.yaml");
    }

    Path ports() {
        return root.resolve("ports.properties");
    }

    Path keys() {
        return root.resolve("keys");
    }

    /** A file with one secret, readable by its owner alone. */
    Path secret(String name) {
        return root.resolve("secrets").resolve(name);
    }

    Path log(String part) {
        return root.resolve("logs").resolve(part + ".log");
    }

    Path data(String part) {
        return root.resolve("data").resolve(part);
    }

    /** Start-up archives of the JVM, which halve the time a service takes to start. */
    Path startupArchive(String part) {
        return root.resolve("startup").resolve(part + ".jsa");
    }

    /** One file per running part, named by the part, with its pid and start time. */
    Path running() {
        return root.resolve("running");
    }

    /** Forgets everything. The folder itself stays, and what in it is not ours. */
    void clear() throws IOException {
        for (String folder : FOLDERS) {
            FileTrees.delete(root.resolve(folder));
        }
        FileTrees.delete(keys());
        FileTrees.delete(root.resolve("secrets"));
        Files.deleteIfExists(config());
        Files.deleteIfExists(ports());
    }

    void create() {
        try {
            Files.createDirectories(root);
            for (String folder : FOLDERS) {
                Files.createDirectories(root.resolve(folder));
            }
            Files.createDirectories(
                    root.resolve("secrets"),
                    PosixFilePermissions.asFileAttribute(
                            PosixFilePermissions.fromString("rwx------")));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
