package io.cairn.replication.region;

import io.cairn.events.FailbackRefused;
import io.cairn.events.FailbackRequested;
import io.cairn.events.RegionEvent;
import io.cairn.events.RegionReturned;
import io.cairn.events.region.Regions;
import io.cairn.model.ClusterName;
import io.cairn.model.StoreName;
import io.cairn.model.error.CairnException;
import io.cairn.replication.region.SidesIdentical.Comparison;
import io.cairn.storage.ObjectStore;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/**
 * Brings a store back into service, on request, when it holds the same as the other stores of every
 * policy that names it. Nothing is changed otherwise. Thread-safe.
 */
public final class Failback {

    private static final int EXAMPLES = 20;

    private final Map<ClusterName, List<StoreName>> copies;
    private final Function<StoreName, ObjectStore> stores;
    private final SidesIdentical sides;
    private final InstantSource clock;

    /**
     * @param copies of each cluster's policy
     */
    public Failback(
            Map<ClusterName, List<StoreName>> copies,
            Function<StoreName, ObjectStore> stores,
            SidesIdentical sides,
            InstantSource clock) {
        this.copies = Map.copyOf(copies);
        this.stores = stores;
        this.sides = sides;
        this.clock = clock;
    }

    /**
     * The answer to a request, which is to be published.
     *
     * @param regions as they are known now
     */
    public RegionEvent answer(FailbackRequested request, Regions regions)
            throws InterruptedException {
        StoreName store = request.store();
        if (copies.values().stream().noneMatch(names -> names.contains(store))) {
            return refused(request, "no policy names the store", 0, List.of());
        }
        if (regions.inService(store)) {
            return refused(request, "the store is in service", 0, List.of());
        }
        long objects = 0;
        long differences = 0;
        List<String> examples = new ArrayList<>();
        try {
            for (Map.Entry<ClusterName, List<StoreName>> cluster : copies.entrySet()) {
                if (!cluster.getValue().contains(store)) {
                    continue;
                }
                for (StoreName other : cluster.getValue()) {
                    if (other.equals(store) || !regions.inService(other)) {
                        continue;
                    }
                    Comparison found =
                            sides.compare(
                                    cluster.getKey(), stores.apply(store), stores.apply(other));
                    objects += found.objects();
                    differences += found.differences();
                    examples.addAll(found.examples());
                }
            }
        } catch (CairnException e) {
            return refused(
                    request, "it cannot be compared: " + e.getMessage(), differences, examples);
        }
        if (differences > 0) {
            return refused(
                    request,
                    differences
                            + " object(s) differ between it and the stores in service; wait until replication has copied them, or see cairn replicate verify",
                    differences,
                    examples);
        }
        return new RegionReturned(
                store, regions.epoch() + 1, clock.instant(), objects, request.request());
    }

    private FailbackRefused refused(
            FailbackRequested request, String reason, long differences, List<String> examples) {
        return new FailbackRefused(
                request.store(),
                request.request(),
                clock.instant(),
                reason,
                differences,
                examples.stream().limit(EXAMPLES).toList());
    }
}
