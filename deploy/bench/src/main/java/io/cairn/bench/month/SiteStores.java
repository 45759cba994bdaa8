package io.cairn.bench.month;

import io.cairn.bench.Installation;
import io.cairn.config.StoreConfig;
import io.cairn.model.StoreName;
import io.cairn.storage.ObjectStore;
import io.cairn.storage.lifecycle.GovernedStore;
import io.cairn.storage.s3.S3ObjectStore;
import io.cairn.storage.s3.S3Settings;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The stores as services at one site reach them, and write into them as the policies say. */
final class SiteStores implements AutoCloseable {

    private static final S3Settings NETWORK = S3Settings.DEFAULT.retrying(4, Duration.ofMillis(5));

    private final Map<StoreName, ObjectStore> stores = new LinkedHashMap<>();

    SiteStores(Installation installation, List<Region> regions, Site site, InstantSource clock) {
        for (Region region : regions) {
            StoreConfig store = installation.config().store(region.name());
            stores.put(
                    region.name(),
                    GovernedStore.around(
                            installation.config(),
                            S3ObjectStore.open(at(store, region, site), NETWORK),
                            clock));
        }
    }

    private static StoreConfig at(StoreConfig store, Region region, Site site) {
        return new StoreConfig(
                store.name(),
                store.bucket(),
                store.region(),
                Optional.of(region.endpoint(site)),
                store.pathStyle(),
                store.accessKeyId(),
                store.secretAccessKey(),
                store.caCertificate());
    }

    /** In the order of the regions. */
    Map<StoreName, ObjectStore> all() {
        return Collections.unmodifiableMap(stores);
    }

    @Override
    public void close() {
        stores.values().forEach(ObjectStore::close);
    }
}
