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

    /**
     * @param governed whether what is written is locked and placed
     */
    SiteStores(
            Installation installation,
            List<Region> regions,
            Site site,
            boolean governed,
            InstantSource clock) {
        for (Region region : regions) {
            StoreConfig config = installation.config().store(region.name());
            ObjectStore store = S3ObjectStore.open(at(config, region, site), NETWORK);
            stores.put(
                    region.name(),
                    governed ? GovernedStore.around(installation.config(), store, clock) : store);
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
