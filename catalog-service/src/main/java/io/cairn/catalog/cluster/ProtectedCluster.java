package io.cairn.catalog.cluster;

import io.cairn.model.ClusterName;
import io.cairn.model.Tier;
import io.cairn.model.policy.RtoForecast;
import io.cairn.model.policy.TierPolicy;
import java.util.Optional;

/**
 * A cluster with its policy and its standing.
 *
 * @param configured whether the configuration names it; if not, the tier is as events last told it
 * @param policy what its tier promises
 * @param rtoForecast how long a restore will take, where that can be told
 */
public record ProtectedCluster(
        ClusterName name,
        boolean configured,
        Optional<Tier> tier,
        Optional<TierPolicy> policy,
        ClusterStanding standing,
        Protection protection,
        Optional<RtoForecast> rtoForecast) {}
