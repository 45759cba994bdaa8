package io.cairn.events;

import com.fasterxml.jackson.annotation.JsonIgnore;
import io.cairn.model.ClusterName;
import io.cairn.model.ObjectKey;
import io.cairn.model.StoreName;
import io.cairn.model.Tier;
import java.time.Instant;
import java.util.List;

/**
 * All stores of a cluster were compared with each other, and what differed was repaired where a
 * copy was right.
 *
 * @param stores that were compared
 * @param whole whether every byte was read, and not only those whose turn it was
 * @param objects distinct names that were compared
 * @param bytesCompared their lengths, each name counted once
 * @param bytesRead bytes that were read in full, in any of the stores
 * @param pending objects that are not everywhere yet since they were stored just now
 * @param missing objects that a store lacked, each store counted
 * @param damaged objects whose bytes were wrong in a store
 * @param repaired how many of the missing and damaged are right now
 * @param lost objects whose bytes no store has
 * @param undecided objects that differ, and none of them is damaged
 * @param wrong some of those that are still wrong, at most {@value #WRONG_MAX}
 */
public record SyncValidated(
        ClusterName cluster,
        Tier tier,
        List<StoreName> stores,
        boolean whole,
        Instant startedAt,
        Instant validatedAt,
        long objects,
        long bytesCompared,
        long bytesRead,
        long pending,
        long missing,
        long damaged,
        long repaired,
        long lost,
        long undecided,
        List<ObjectKey> wrong)
        implements CairnEvent {

    public static final int WRONG_MAX = 20;

    public SyncValidated {
        stores = List.copyOf(stores);
        wrong = List.copyOf(wrong);
    }

    /** Whether the stores are the same now. */
    @JsonIgnore
    public boolean clean() {
        return missing + damaged == repaired && lost == 0 && undecided == 0;
    }

    @Override
    public String deterministicId() {
        return cluster + ":sync-validated:" + startedAt;
    }
}
