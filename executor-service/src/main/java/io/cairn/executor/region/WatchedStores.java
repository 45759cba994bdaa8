package io.cairn.executor.region;

import io.cairn.model.StoreName;
import io.cairn.service.region.ObservedStore;
import io.cairn.service.region.StoreHealth;
import io.cairn.service.storage.Stores;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.time.InstantSource;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The stores that runs and streams write to, which are seen to take it or not. Thread-safe; a
 * singleton, so that who watches them needs no container, which is gone when a start has failed.
 */
@Singleton
public class WatchedStores {

    private final Stores stores;
    private final InstantSource clock;
    private final Map<StoreName, ObservedStore> watched = new ConcurrentHashMap<>();

    @Inject
    WatchedStores(Stores stores, InstantSource clock) {
        this.stores = stores;
        this.clock = clock;
    }

    /** The store of that name, as {@link Stores#store}. */
    public ObservedStore store(StoreName name) {
        return watched.computeIfAbsent(
                name, it -> new ObservedStore(stores.store(it), new StoreHealth(it, clock)));
    }

    /** Of all stores that were asked for. */
    Collection<StoreHealth> health() {
        return List.copyOf(watched.values()).stream().map(ObservedStore::health).toList();
    }
}
