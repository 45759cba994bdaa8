package io.cairn.restore.contents;

import io.cairn.archive.gzip.GzipCodec;
import io.cairn.model.backup.CommitObject;
import io.cairn.model.backup.Volume;

/**
 * How a backup is read.
 *
 * @param threads volumes that are fetched and decoded at once, 1 to 256
 * @param memoryBytes bound of the memory for them; with large volumes fewer threads work, but
 *     always one
 */
public record ReadSettings(int threads, long memoryBytes, GzipCodec codec) {

    public static final int THREADS_MAX = 256;
    public static final long MEMORY_BYTES_DEFAULT = 512L << 20;

    public ReadSettings {
        if (threads < 1 || threads > THREADS_MAX) {
            throw new IllegalArgumentException(
                    "threads " + threads + " is not between 1 and " + THREADS_MAX);
        }
        if (memoryBytes < 1 << 20) {
            throw new IllegalArgumentException("memoryBytes must be at least 1 MiB");
        }
    }

    /**
     * Two threads for each core, so that some fetch while others decode; at most 512 MiB, and half
     * of the heap.
     */
    public static ReadSettings defaults() {
        return new ReadSettings(
                Math.clamp(2L * Runtime.getRuntime().availableProcessors(), 1, THREADS_MAX),
                Math.min(MEMORY_BYTES_DEFAULT, Runtime.getRuntime().maxMemory() / 2),
                GzipCodec.best());
    }

    public ReadSettings withThreads(int number) {
        return new ReadSettings(number, memoryBytes, codec);
    }

    public ReadSettings withMemoryBytes(long bytes) {
        return new ReadSettings(threads, bytes, codec);
    }

    /** Threads for this backup: each holds one stored volume and 1 MiB of its content. */
    int threadsFor(CommitObject commit) {
        long largest =
                commit.archives().stream()
                        .flatMap(archive -> archive.volumes().stream())
                        .map(Volume::object)
                        .mapToLong(object -> object.length() + GzipCodec.MEMBER_BYTES)
                        .max()
                        .orElse(1);
        return Math.clamp(memoryBytes / largest, 1, threads);
    }
}
