package io.cairn.catalog.retention;

import io.cairn.config.StoreConfig;
import io.cairn.storage.ObjectStore;
import io.cairn.storage.s3.S3ObjectStore;
import io.cairn.storage.s3.StoreConfigs;
import io.cairn.testing.s3.S3Simulator;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Over HTTP, in versioned buckets that enforce locks. */
class ExpiringKeysIT {

    private final AtomicReference<StoredCluster> cluster = new AtomicReference<>();

    @Test
    void aSessionsKeyGoesWhenNothingIsLeftInAnyStoreThatItOpens(@TempDir Path directory) {
        try (S3Simulator server = S3Simulator.start(this::now);
                ObjectStore primary = bucket(server, directory, "primary");
                ObjectStore secondary = bucket(server, directory, "secondary")) {
            cluster.set(
                    new StoredCluster(
                            StoredCluster.CLUSTER,
                            StoredCluster.BEGIN,
                            List.of(primary, secondary)));
            new ExpiringKeys(cluster.get()).expire(secondary);
        }
    }

    private Instant now() {
        StoredCluster living = cluster.get();
        return living == null ? StoredCluster.BEGIN : living.now;
    }

    private static ObjectStore bucket(S3Simulator server, Path directory, String name) {
        server.lockingBucket(name);
        StoreConfig config =
                StoreConfigs.of(server.endpoint(), directory, name, "AKIDSIMULATED", "secret");
        return S3ObjectStore.open(config);
    }
}
