package io.cairn.executor.intake;

import io.cairn.config.CairnConfig;
import io.cairn.executor.basebackup.PipelineSettings;
import io.cairn.model.Tier;
import io.cairn.model.error.CairnException;
import io.cairn.model.error.ErrorCode;
import java.util.Set;

/**
 * The Java heap that an executor may come to need: the volumes of as many runs at once as it takes,
 * and everything else.
 *
 * @param runs at once, of all its tiers
 * @param volumeBytes of all of them
 */
record HeapNeed(int runs, long volumeBytes) {

    /** The service itself, seen at 30 to 45 MiB, and what is on its way through the collector. */
    static final long REST_BYTES = 72L << 20;

    static HeapNeed of(Set<Tier> tiers, CairnConfig config, ExecutorSettings settings) {
        PipelineSettings pipeline = settings.toPipelineSettings();
        long bytes =
                tiers.stream()
                        .mapToLong(tier ->
                                pipeline.volumeBytes(config.policy(tier).run().volumeBytes()))
                        .sum();
        return new HeapNeed(tiers.size() * settings.runs(), bytes * settings.runs());
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
