package io.cairn.catalog.cluster;

import io.cairn.catalog.key.ShreddedKeys;
import io.cairn.config.CairnConfig;
import io.cairn.config.ClusterConfig;
import io.cairn.model.ClusterName;
import io.cairn.model.Tier;
import io.cairn.model.error.CairnException;
import io.cairn.model.error.ErrorCode;
import io.cairn.model.policy.TierPolicy;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;

/**
 * Every cluster that the configuration names or the record knows; none is left out because nothing
 * is known of it. Blocking; thread-safe.
 */
@ApplicationScoped
public class Clusters {

    private final CairnConfig config;
    private final Standings standings;
    private final ShreddedKeys keys;
    private final InstantSource clock;

    @Inject
    Clusters(CairnConfig config, Standings standings, ShreddedKeys keys, InstantSource clock) {
        this.config = config;
        this.standings = standings;
        this.keys = keys;
        this.clock = clock;
    }

    /** By name. */
    public List<ProtectedCluster> all() {
        Map<ClusterName, ClusterStanding> known = standings.all();
        TreeSet<ClusterName> names = new TreeSet<>(config.clusters().keySet());
        names.addAll(known.keySet());
        return names.stream()
                .map(name -> cluster(known.getOrDefault(name, ClusterStanding.unknown(name))))
                .toList();
    }

    /**
     * @throws CairnException {@link ErrorCode#CLUSTER_UNKNOWN} if neither the configuration nor the
     *     record knows it
     */
    public ProtectedCluster named(ClusterName name) {
        Map<ClusterName, ClusterStanding> known = standings.all();
        if (!known.containsKey(name)) {
            config.cluster(name);
        }
        return cluster(known.getOrDefault(name, ClusterStanding.unknown(name)));
    }

    private ProtectedCluster cluster(ClusterStanding standing) {
        Optional<Tier> configured =
                Optional.ofNullable(config.clusters().get(standing.cluster()))
                        .map(ClusterConfig::tier);
        Optional<Tier> tier = configured.or(standing::lastTier);
        Optional<TierPolicy> policy = tier.map(config::policy);
        Protection protection =
                Protection.of(
                        standing,
                        policy.map(one -> one.run().copies()).orElse(List.of()),
                        backup -> keys.of(backup.layout().root(), backup.completedAt()));
        return new ProtectedCluster(
                standing.cluster(),
                configured.isPresent(),
                tier,
                policy,
                standing,
                protection,
                policy.flatMap(one -> standing.rtoForecast(one.run().rto(), clock.instant())));
    }
}
