package io.cairn.scheduler.policy;

import io.cairn.model.ClusterName;
import io.cairn.model.Tier;
import io.cairn.model.policy.RunPolicy;
import java.util.List;

/**
 * All that is due for one cluster.
 *
 * @param run what every run is told of its tier's policy
 */
public record ClusterSchedule(
        ClusterName cluster, Tier tier, RunPolicy run, List<KindSchedule> kinds) {

    public ClusterSchedule {
        kinds = List.copyOf(kinds);
    }

    /** How the scheduler's memory calls it. */
    public String id() {
        return "cluster/" + cluster;
    }
}
