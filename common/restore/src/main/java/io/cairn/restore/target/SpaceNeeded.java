package io.cairn.restore.target;

import io.cairn.model.error.CairnException;
import io.cairn.model.error.ErrorCode;
import java.io.IOException;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The room a restore takes on each file system.
 *
 * @param bytes target directory → bytes that go there
 */
public record SpaceNeeded(Map<Path, Long> bytes) {

    /** What file systems of PostgreSQL servers allocate in; a file takes whole blocks. */
    private static final long BLOCK = 4096;

    public SpaceNeeded {
        bytes = Map.copyOf(bytes);
    }

    /** Bytes a file of that length takes. */
    public static long ofFile(long length) {
        return (length + BLOCK - 1) / BLOCK * BLOCK;
    }

    public long total() {
        return bytes.values().stream().mapToLong(Long::longValue).sum();
    }

    /**
     * Compares with what is free now; what an unfinished restore left counts as free, since it is
     * removed first.
     *
     * @throws CairnException {@link ErrorCode#TARGET_NO_SPACE}
     */
    public void requireFree() {
        Map<FileStore, Long> needed = new LinkedHashMap<>();
        Map<FileStore, Path> example = new LinkedHashMap<>();
        bytes.forEach((directory, length) -> {
            try {
                FileStore store = Files.getFileStore(existing(directory));
                long freed =
                        TargetDirectory.isUnfinished(directory) ? FileTree.bytes(directory) : 0;
                needed.merge(store, length - freed, Long::sum);
                example.putIfAbsent(store, directory);
            } catch (IOException e) {
                throw TargetErrors.of(directory, e);
            }
        });
        needed.forEach((store, length) ->
                requireFree(store, length, example.getOrDefault(store, Path.of("?"))));
    }

    private static void requireFree(FileStore store, long needed, Path directory) {
        try {
            long usable = store.getUsableSpace();
            if (usable < needed) {
                throw new CairnException(
                        ErrorCode.TARGET_NO_SPACE,
                        "the file system of %s has %s free, the restore takes %s"
                                .formatted(directory, mebibytes(usable), mebibytes(needed)),
                        "free space there, or name a directory on a larger file system");
            }
        } catch (IOException e) {
            throw TargetErrors.of(directory, e);
        }
    }

    private static String mebibytes(long bytes) {
        return ((bytes + (1 << 20) - 1) >> 20) + " MiB";
    }

    private static Path existing(Path directory) {
        Path path = directory.toAbsolutePath();
        while (!Files.exists(path) && path.getParent() != null) {
            path = path.getParent();
        }
        return path;
    }
}
