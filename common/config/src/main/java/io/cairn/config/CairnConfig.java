package io.cairn.config;

import io.cairn.model.ClusterName;
import io.cairn.model.StoreName;
import io.cairn.model.Tier;
import io.cairn.model.error.CairnException;
import io.cairn.model.error.ErrorCode;
import io.cairn.model.policy.MaintenanceSchedule;
import io.cairn.model.policy.TierPolicy;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.stream.Collectors;

/**
 * A whole, checked configuration.
 *
 * @param tiers the policy of every tier: the requirement's, with what the file changes
 * @param postgres where the binaries of a major version are, for drills and {@code --start}: major
 *     → directory that holds {@code bin/postgres}
 * @param catalog the root of the catalog's address, for the verbs of {@code cairn} that go through
 *     it
 */
public record CairnConfig(
        SequencedMap<ClusterName, ClusterConfig> clusters,
        SequencedMap<StoreName, StoreConfig> stores,
        KeysConfig keys,
        Map<Tier, TierPolicy> tiers,
        List<MaintenanceSchedule> maintenance,
        Map<Integer, Path> postgres,
        Optional<URI> catalog) {

    /** A configuration that does not say where the catalog is. */
    public CairnConfig(
            SequencedMap<ClusterName, ClusterConfig> clusters,
            SequencedMap<StoreName, StoreConfig> stores,
            KeysConfig keys,
            Map<Tier, TierPolicy> tiers,
            List<MaintenanceSchedule> maintenance,
            Map<Integer, Path> postgres) {
        this(clusters, stores, keys, tiers, maintenance, postgres, Optional.empty());
    }

    /**
     * @throws CairnException {@link ErrorCode#CLUSTER_UNKNOWN}
     */
    public ClusterConfig cluster(ClusterName name) {
        ClusterConfig cluster = clusters.get(name);
        if (cluster == null) {
            throw new CairnException(
                    ErrorCode.CLUSTER_UNKNOWN,
                    "no cluster '" + name + "' in the configuration",
                    "known are: " + names(clusters));
        }
        return cluster;
    }

    /**
     * @throws CairnException {@link ErrorCode#CONFIG_INVALID}
     */
    public StoreConfig store(StoreName name) {
        StoreConfig store = stores.get(name);
        if (store == null) {
            throw new CairnException(
                    ErrorCode.CONFIG_INVALID,
                    "no store '" + name + "' in the configuration",
                    "known are: " + names(stores));
        }
        return store;
    }

    public TierPolicy policy(Tier tier) {
        TierPolicy policy = tiers.get(tier);
        if (policy == null) {
            throw CairnException.bug("no policy for tier " + tier);
        }
        return policy;
    }

    private static String names(Map<?, ?> map) {
        return map.isEmpty()
                ? "none"
                : map.keySet().stream().map(Object::toString).collect(Collectors.joining(", "));
    }
}
