package io.cairn.bench.month;

import io.cairn.archive.key.Identity;
import io.cairn.model.StoreName;
import io.cairn.storage.ObjectStore;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/** The stores as each worker sees them, without the guard that was taken away, if one was. */
final class Views {

    private final Map<StoreName, ObjectStore> stores;
    private final Guard.Surroundings surroundings;
    private final Optional<Guard> without;

    /**
     * @param signer who signs for executors
     */
    Views(Map<StoreName, ObjectStore> stores, Identity signer, Optional<Guard> without) {
        this.stores = Collections.unmodifiableMap(stores);
        this.surroundings = new Guard.Surroundings(this.stores, signer);
        this.without = without;
    }

    /** In the order in which copies are preferred. */
    Map<StoreName, ObjectStore> of(Worker worker) {
        Map<StoreName, ObjectStore> seen = new LinkedHashMap<>();
        stores.forEach((name, store) ->
                seen.put(
                        name,
                        without.map(guard -> guard.without(worker, store, surroundings))
                                .orElse(store)));
        return seen;
    }

    /** Whether a script is lived through. */
    boolean lackOne() {
        return without.isPresent();
    }

    boolean has(Guard guard) {
        return without.filter(guard::equals).isEmpty();
    }
}
