package io.cairn.storage.lifecycle;

import io.cairn.config.CairnConfig;
import io.cairn.model.ObjectKey;
import io.cairn.model.policy.ObjectLockMode;
import io.cairn.storage.LockingStore;
import io.cairn.storage.ObjectStore;
import java.time.InstantSource;
import java.util.Optional;

/** The one rule by which everybody writes into the stores of a configuration. */
public final class GovernedStore {

    private GovernedStore() {}

    /**
     * A store into which everything is put locked, and archived, as the policy of its cluster's
     * tier says, whoever puts it.
     *
     * @param store one of the configuration's; closed with what is around it
     */
    public static ObjectStore around(CairnConfig config, ObjectStore store, InstantSource clock) {
        return new LockingStore(
                new PlacingStore(store, new Placement(config, store.name())),
                key -> lock(config, key),
                clock);
    }

    private static Optional<ObjectLockMode> lock(CairnConfig config, ObjectKey key) {
        String first = key.value().split("/", 2)[0];
        return config.clusters().values().stream()
                .filter(cluster -> cluster.name().value().equals(first))
                .findFirst()
                .flatMap(cluster -> config.policy(cluster.tier()).lock());
    }
}
