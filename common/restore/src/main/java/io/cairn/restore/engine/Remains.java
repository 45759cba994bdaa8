package io.cairn.restore.engine;

import io.cairn.postgres.manifest.ChecksumAlgorithm;
import io.cairn.postgres.manifest.FileVerifier;
import io.cairn.postgres.manifest.ManifestFile;
import io.cairn.restore.contents.BackupFile;
import io.cairn.restore.target.TargetErrors;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * What an unfinished restore left that need not be fetched again. A file is kept if it is the
 * backup's by its size and a cryptographic checksum of the server's manifest: whatever was restored
 * before, and whatever happened to it since, nothing else is taken over. It is made durable again,
 * since the first try may have been killed before that. For one thread.
 */
final class Remains {

    private static final int READ_BYTES = 1 << 20;

    private final List<Path> roots;
    private final Map<Path, Long> kept = new HashMap<>();

    /**
     * @param roots directories of the restore, those inside of others first
     */
    Remains(List<Path> roots) {
        this.roots = List.copyOf(roots);
    }

    /** Returns those that are there and complete, in their order. */
    List<BackupFile> keep(List<TargetFile.Whole> candidates) throws InterruptedException {
        List<BackupFile> taken = new ArrayList<>();
        try (ExecutorService threads =
                Executors.newFixedThreadPool(
                        Runtime.getRuntime().availableProcessors(),
                        Thread.ofPlatform().name("cairn-check-", 0).daemon().factory())) {
            List<Future<Boolean>> complete =
                    candidates.stream()
                            .map(candidate -> threads.submit(() -> isComplete(candidate)))
                            .toList();
            try {
                for (int i = 0; i < complete.size(); i++) {
                    if (complete.get(i).get()) {
                        take(candidates.get(i));
                        taken.add(candidates.get(i).file());
                    }
                }
                return taken;
            } catch (ExecutionException e) {
                throw e.getCause() instanceof RuntimeException cause
                        ? cause
                        : new IllegalStateException(e.getCause());
            } finally {
                threads.shutdownNow();
            }
        }
    }

    private void take(TargetFile.Whole candidate) {
        try {
            FileChannel channel =
                    FileChannel.open(
                            candidate.path(), StandardOpenOption.READ, LinkOption.NOFOLLOW_LINKS);
            candidate.completion().complete(candidate.file(), candidate.path(), channel);
            kept.put(candidate.path(), candidate.file().entry().size());
        } catch (IOException e) {
            throw TargetErrors.of(candidate.path(), e);
        }
    }

    private boolean isComplete(TargetFile.Whole candidate) {
        BackupFile file = candidate.file();
        Optional<ManifestFile> listed = file.manifest().filter(Remains::provesContent);
        Path path = candidate.path();
        if (listed.isEmpty() || !Files.isRegularFile(path, LinkOption.NOFOLLOW_LINKS)) {
            return false;
        }
        try {
            return isInPlace(path)
                    && Files.size(path) == file.entry().size()
                    && matches(path, listed.get().verifier());
        } catch (IOException | UncheckedIOException _) {
            // What cannot be read is written anew.
            return false;
        }
    }

    /** Thirty-two bits tell damage from health, not one version of a file from another. */
    private static boolean provesContent(ManifestFile file) {
        return file.checksum()
                .filter(checksum -> checksum.algorithm() != ChecksumAlgorithm.CRC32C)
                .isPresent();
    }

    /** No link on the way leads elsewhere. */
    private boolean isInPlace(Path path) throws IOException {
        for (Path root : roots) {
            if (path.startsWith(root)) {
                return root.toRealPath().resolve(root.relativize(path)).equals(path.toRealPath());
            }
        }
        return false;
    }

    private static boolean matches(Path path, FileVerifier verifier) throws IOException {
        try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
            ByteBuffer buffer = ByteBuffer.allocate(READ_BYTES);
            while (channel.read(buffer.clear()) > 0) {
                verifier.update(buffer.array(), 0, buffer.position());
            }
        }
        return verifier.finish() instanceof FileVerifier.Outcome.Matches;
    }

    boolean isKept(Path path) {
        return kept.containsKey(path);
    }

    long bytes() {
        return kept.values().stream().mapToLong(Long::longValue).sum();
    }
}
