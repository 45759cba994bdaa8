package io.cairn.bench.chain;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;

/** Watches how many bytes the files below some directories have, a few times a second. */
final class PeakDisk {

    private static final Duration LOOK = Duration.ofMillis(100);

    private PeakDisk() {}

    @FunctionalInterface
    interface Run {
        void run() throws Exception;
    }

    /** The most bytes during a run. */
    static long of(List<Path> directories, Run run) throws Exception {
        AtomicBoolean ended = new AtomicBoolean();
        long[] peak = new long[1];
        Thread watcher =
                Thread.ofPlatform()
                        .daemon()
                        .start(() -> {
                            while (!ended.get()) {
                                peak[0] = Math.max(peak[0], bytes(directories));
                                try {
                                    Thread.sleep(LOOK);
                                } catch (InterruptedException _) {
                                    return;
                                }
                            }
                        });
        try {
            run.run();
        } finally {
            ended.set(true);
            watcher.join();
        }
        return Math.max(peak[0], bytes(directories));
    }

    static long bytes(List<Path> directories) {
        long[] sum = new long[1];
        try {
            for (Path directory : directories) {
                Files.walkFileTree(
                        directory,
                        new SimpleFileVisitor<>() {
                            @Override
                            public FileVisitResult visitFile(
                                    Path file, BasicFileAttributes attributes) {
                                sum[0] += attributes.isRegularFile() ? attributes.size() : 0;
                                return FileVisitResult.CONTINUE;
                            }

                            /** It was renamed or removed meanwhile. */
                            @Override
                            public FileVisitResult visitFileFailed(Path file, IOException e)
                                    throws IOException {
                                if (e instanceof NoSuchFileException) {
                                    return FileVisitResult.CONTINUE;
                                }
                                throw e;
                            }
                        });
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return sum[0];
    }
}
