package io.cairn.bench.rpo0;

import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;

/**
 * The files of a bucket while its server goes on: what goes away meanwhile was no object yet, only
 * one that was being written.
 */
final class ObjectFiles {

    private ObjectFiles() {}

    /** Every file below {@code root}; none if there is no such folder. */
    static List<Path> in(Path root) throws IOException {
        List<Path> found = new ArrayList<>();
        if (Files.isDirectory(root)) {
            Files.walkFileTree(
                    root,
                    new Visitor() {
                        @Override
                        public FileVisitResult visitFile(
                                Path file, BasicFileAttributes attributes) {
                            found.add(file);
                            return FileVisitResult.CONTINUE;
                        }
                    });
        }
        return found;
    }

    /**
     * A second tree of the same files, by hard links: objects are written once and never changed,
     * and what the S3 server knows of one travels with its file. What is there already stays.
     */
    static void link(Path from, Path to) throws IOException {
        if (!Files.isDirectory(from)) {
            return;
        }
        Files.walkFileTree(
                from,
                new Visitor() {
                    @Override
                    public FileVisitResult preVisitDirectory(
                            Path directory, BasicFileAttributes attributes) throws IOException {
                        Files.createDirectories(to.resolve(from.relativize(directory).toString()));
                        return FileVisitResult.CONTINUE;
                    }

                    @Override
                    public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
                            throws IOException {
                        try {
                            Files.createLink(to.resolve(from.relativize(file).toString()), file);
                        } catch (FileAlreadyExistsException | NoSuchFileException e) {
                            return FileVisitResult.CONTINUE;
                        }
                        return FileVisitResult.CONTINUE;
                    }
                });
    }

    private static class Visitor extends SimpleFileVisitor<Path> {

        @Override
        public FileVisitResult visitFileFailed(Path file, IOException failure) throws IOException {
            if (failure instanceof NoSuchFileException) {
                return FileVisitResult.CONTINUE;
            }
            throw failure;
        }
    }
}
