package io.cairn.sync;

import io.cairn.model.ClusterName;
import io.cairn.model.StoreName;
import java.time.Duration;
import java.time.Instant;
import java.util.List;

/**
 * What a comparison of a cluster's stores found.
 *
 * @param stores that were compared with each other
 * @param objects distinct names that were compared
 * @param bytesCompared their lengths, each name counted once
 * @param bytesRead bytes that were read in full, in any of the stores
 * @param pending objects that are not everywhere yet since they were stored just now
 * @param missing objects that a store lacked, each store counted
 * @param damaged objects whose bytes were wrong in a store
 * @param repaired how many of them are right now
 * @param lost objects whose bytes no store has
 * @param undecided objects that differ, and none of them is damaged
 * @param differences the first {@value #DIFFERENCES_MAX} of them
 */
public record SyncReport(
        ClusterName cluster,
        List<StoreName> stores,
        Instant startedAt,
        Instant endedAt,
        long objects,
        long bytesCompared,
        long bytesRead,
        long pending,
        long missing,
        long damaged,
        long repaired,
        long lost,
        long undecided,
        List<Difference> differences) {

    public static final int DIFFERENCES_MAX = 1000;

    public SyncReport {
        stores = List.copyOf(stores);
        differences = List.copyOf(differences);
    }

    /** Whether the stores are the same, or were made the same. */
    public boolean clean() {
        return missing + damaged == repaired && lost == 0 && undecided == 0;
    }

    /** Whether nothing had to be repaired either. */
    public boolean same() {
        return missing + damaged + lost + undecided == 0;
    }

    public Duration duration() {
        return Duration.between(startedAt, endedAt);
    }
}
