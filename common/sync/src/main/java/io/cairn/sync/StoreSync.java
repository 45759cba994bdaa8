package io.cairn.sync;

import io.cairn.model.ClusterName;
import io.cairn.model.ObjectKey;
import io.cairn.model.SystemIdentifier;
import io.cairn.model.backup.ClusterRoot;
import io.cairn.model.error.CairnException;
import io.cairn.storage.ObjectStore;
import java.time.Instant;
import java.time.InstantSource;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
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
                            new InParallel(limits.parallel()),
                            tally,
                            started.minus(limits.settle()))
                    .run();
        }
        return tally.report(
                cluster, stores.stream().map(ObjectStore::name).toList(), started, clock.instant());
    }

    /** The cluster's lives in any of the stores, one request for each and one more. */
    private Set<ClusterRoot> roots(ClusterName cluster) {
        Set<ClusterRoot> roots = new LinkedHashSet<>();
        for (ObjectStore store : stores) {
            Optional<ObjectKey> next = store.first(cluster + "/", Optional.empty());
            while (next.isPresent()) {
                String[] parts = next.get().value().split("/");
                Optional<ObjectKey> after = next;
                if (parts.length > 2) {
                    root(cluster, parts[1]).ifPresent(roots::add);
                    // Behind everything under that root.
                    after = Optional.of(new ObjectKey(parts[0] + "/" + parts[1] + "/~"));
                }
                next = store.first(cluster + "/", after);
            }
        }
        return roots;
    }

    private static Optional<ClusterRoot> root(ClusterName cluster, String system) {
        try {
            return Optional.of(new ClusterRoot(cluster, SystemIdentifier.parse(system)));
        } catch (CairnException _) {
            // Something else that lies in the bucket.
            return Optional.empty();
        }
    }
}
