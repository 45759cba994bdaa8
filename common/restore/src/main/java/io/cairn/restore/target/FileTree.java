package io.cairn.restore.target;

import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.HashSet;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** What is done to a directory and everything in it. Symbolic links are never followed. */
public final class FileTree {

    private FileTree() {}

    /** Removes everything in a directory but not itself, and what is to be kept. */
    public static void deleteContents(Path root, Predicate<Path> keep) throws IOException {
        walk(root, root, keep);
    }

    /** Removes a directory with everything in it; does nothing if there is none. */
    public static void delete(Path root) throws IOException {
        if (Files.exists(root, LinkOption.NOFOLLOW_LINKS)) {
            walk(root, root.resolve(".."), _ -> false);
        }
    }

    private static void walk(Path start, Path spared, Predicate<Path> keep) throws IOException {
        Set<Path> notEmpty = new HashSet<>();
        notEmpty.add(spared);
        Files.walkFileTree(
                start,
                new SimpleFileVisitor<>() {
                    @Override
                    public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
                            throws IOException {
                        if (keep.test(file)) {
                            notEmpty.add(file.getParent());
                        } else {
                            Files.deleteIfExists(file);
                        }
                        return FileVisitResult.CONTINUE;
                    }

                    @Override
                    public FileVisitResult postVisitDirectory(
                            Path directory, @Nullable IOException failure) throws IOException {
                        if (failure != null) {
                            throw failure;
                        }
                        if (notEmpty.contains(directory)) {
                            notEmpty.add(directory.getParent());
                        } else {
                            Files.deleteIfExists(directory);
                        }
                        return FileVisitResult.CONTINUE;
                    }
                });
    }

    /** Bytes of all files in a directory, 0 if there is none. */
    static long bytes(Path root) throws IOException {
        if (!Files.isDirectory(root)) {
            return 0;
        }
        long[] sum = new long[1];
        Files.walkFileTree(
                root,
                new SimpleFileVisitor<>() {
                    @Override
                    public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
                        sum[0] += attributes.size();
                        return FileVisitResult.CONTINUE;
                    }
                });
        return sum[0];
    }
}
