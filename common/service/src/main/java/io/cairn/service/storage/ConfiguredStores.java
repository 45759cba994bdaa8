package io.cairn.service.storage;

import io.cairn.config.CairnConfig;
import io.cairn.model.StoreName;
import io.cairn.storage.ObjectStore;
import io.cairn.storage.lifecycle.GovernedStore;
import io.cairn.storage.s3.S3ObjectStore;
import io.quarkus.arc.DefaultBean;
import jakarta.annotation.PreDestroy;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Opens each store once, when it is first asked for, and closes all at the end. Each is {@linkplain
 * GovernedStore governed}.
 */
@ApplicationScoped
@DefaultBean
public class ConfiguredStores implements Stores, AutoCloseable {

    private final CairnConfig config;
    private final Map<StoreName, ObjectStore> open = new HashMap<>();

    @Inject
    ConfiguredStores(CairnConfig config) {
        this.config = config;
    }

    @Override
    public synchronized ObjectStore store(StoreName name) {
        ObjectStore known = open.get(name);
        if (known != null) {
            return known;
        }
        ObjectStore store =
                GovernedStore.around(
                        config, S3ObjectStore.open(config.store(name)), InstantSource.system());
        open.put(name, store);
        return store;
    }

    @Override
    @PreDestroy
    public synchronized void close() {
        List<RuntimeException> failures = new ArrayList<>();
        for (ObjectStore store : open.values()) {
            try {
                store.close();
            } catch (RuntimeException e) {
                failures.add(e);
            }
        }
        open.clear();
        if (!failures.isEmpty()) {
            RuntimeException first = failures.removeFirst();
            failures.forEach(first::addSuppressed);
            throw first;
        }
    }
}
