package io.cairn.executor.intake;

import io.cairn.config.CairnConfig;
import io.cairn.executor.basebackup.PipelineSettings;
import io.cairn.executor.wal.WalMemory;
import io.cairn.model.Tier;
import io.cairn.model.error.CairnException;
import io.cairn.model.error.ErrorCode;
import java.util.Optional;
import java.util.Set;

/**
 * The Java heap that an executor may come to need: the volumes of as many runs at once as it takes,
 * the segments of the WAL streams that it may come to hold, and everything else.
 *
 * @param runs at once, of all its tiers
 * @param volumeBytes of all of them
 * @param streams one for each cluster of its tiers: it holds all when there is no other executor
 * @param streamBytes of all of them under load; an idle one takes next to nothing
 */
record HeapNeed(int runs, long volumeBytes, int streams, long streamBytes) {

    /** The service itself, seen at 30 to 45 MiB, and what is on its way through the collector. */
    static final long REST_BYTES = 72L << 20;

    static HeapNeed of(
            Set<Tier> tiers, CairnConfig config, ExecutorSettings settings, WalMemory wal) {
        PipelineSettings pipeline = settings.toPipelineSettings();
        long bytes =
                tiers.stream()
                        .mapToLong(tier ->
                                pipeline.volumeBytes(config.policy(tier).run().volumeBytes()))
                        .sum();
        long clusters =
                config.clusters().values().stream()
                        .filter(cluster -> tiers.contains(cluster.tier()))
                        .count();
        int held = wal.isHeld() ? Math.toIntExact(clusters) : 0;
        return new HeapNeed(
                tiers.size() * settings.runs(),
                bytes * settings.runs(),
                held,
                held * wal.bytesOfStream());
    }

    /**
     * What to say of a heap that runs fit into, but not with all streams under load: it may never
     * come to that. One line.
     */
    Optional<String> shortage(long heapBytes) {
        long needed = volumeBytes + streamBytes + REST_BYTES;
        if (needed <= heapBytes) {
            return Optional.empty();
        }
        return Optional.of(
                ("%d run(s) at once and %d WAL stream(s) under load may need %d MiB of Java heap, this executor has %d;"
                                + " hint: start it with -Xmx%dm, or lower cairn.executor.wal.memory")
                        .formatted(
                                runs, streams, needed >> 20, heapBytes >> 20, (needed >> 20) + 8));
    }

    /**
     * An executor that would run out of memory at 02:00 says so when it starts.
     *
     * @throws CairnException {@link ErrorCode#CONFIG_INVALID}
     */
    void requireFits(long heapBytes) {
        long needed = volumeBytes + REST_BYTES;
        if (needed > heapBytes) {
            throw new CairnException(
                    ErrorCode.CONFIG_INVALID,
                    "%d run(s) at once may need %d MiB of Java heap, this executor has %d"
                            .formatted(runs, needed >> 20, heapBytes >> 20),
                    "start it with -Xmx%dm, take fewer tiers (CAIRN_TIERS), or lower cairn.executor.pipeline.volume-memory"
                            .formatted((needed >> 20) + 8));
        }
    }
}
