package io.cairn.postgres.server;

import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What is done to a directory and everything in it; symbolic links are never followed. */
final class FileTree {

    private FileTree() {}

    @FunctionalInterface
    interface Action {
        void on(Path path) throws IOException;
    }

    /** Every file, then its directory. */
    static void forEach(Path root, Action action) throws IOException {
        Files.walkFileTree(
                root,
                new SimpleFileVisitor<>() {
                    @Override
                    public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
                            throws IOException {
                        action.on(file);
                        return FileVisitResult.CONTINUE;
                    }

                    @Override
                    public FileVisitResult postVisitDirectory(
                            Path directory, @Nullable IOException failure) throws IOException {
                        if (failure != null) {
                            throw failure;
                        }
                        action.on(directory);
                        return FileVisitResult.CONTINUE;
                    }
                });
    }

    static void delete(Path root) throws IOException {
        forEach(root, Files::deleteIfExists);
    }

    static List<Path> directories(Path root) throws IOException {
        List<Path> directories = new ArrayList<>();
        forEach(
                root,
                path -> {
                    if (Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS)) {
                        directories.add(path);
                    }
                });
        return directories;
    }
}
