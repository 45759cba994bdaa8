package io.cairn.sync;

import io.cairn.model.ClusterName;
import io.cairn.model.backup.ClusterRoot;
import io.cairn.model.error.CairnException;
import io.cairn.storage.ClusterRoots;
import io.cairn.storage.ObjectStore;
import java.time.Instant;
import java.time.InstantSource;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * Compares all that several stores hold of a cluster, and repairs what differs from the copy whose
 * bytes have the digest that the commit object names; of WAL, records and keys, that which their
 * own metadata names.
 *
 * <p>Not compared is what belongs to no backup that was committed, what has expired, and what lies
 * under none of Cairn's names. Two attempts that were both committed under one label are left to
 * replication, which merges them.
 *
 * <p>Memory: one backup's objects, and {@link SyncReport#DIFFERENCES_MAX} differences. Thread-safe;
 * blocks.
 */
public final class StoreSync {

    private final List<ObjectStore> stores;
    private final boolean repair;
    private final SyncLimits limits;
    private final InstantSource clock;

    /**
     * @param stores those of a tier's policy, two or more
     * @param repair whether what differs is repaired, or only told
     */
    public StoreSync(
            List<ObjectStore> stores, boolean repair, SyncLimits limits, InstantSource clock) {
        this.stores = List.copyOf(stores);
        this.repair = repair;
        this.limits = limits;
        this.clock = clock;
    }

    /**
     * @throws CairnException a {@code STORE_…} code, if a store cannot be used now: what was
     *     repaired until then stays so
     */
    public SyncReport compare(ClusterName cluster, Depth depth) throws InterruptedException {
        Instant started = clock.instant();
        Tally tally = new Tally();
        ObjectCheck check = new ObjectCheck(stores, depth, repair, limits, tally);
        for (ClusterRoot root : roots(cluster)) {
            new RootSync(
                            root,
                            stores,
                            check,
                            limits.parallel(),
                            tally,
                            started.minus(limits.settle()))
                    .run();
        }
        return tally.report(
                cluster, stores.stream().map(ObjectStore::name).toList(), started, clock.instant());
    }

    /** The cluster's lives in any of the stores. */
    private Set<ClusterRoot> roots(ClusterName cluster) {
        Set<ClusterRoot> roots = new LinkedHashSet<>();
        stores.forEach(store -> roots.addAll(ClusterRoots.of(cluster, store)));
        return roots;
    }
}
