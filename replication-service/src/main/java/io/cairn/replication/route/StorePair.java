package io.cairn.replication.route;

import io.cairn.model.ClusterName;
import io.cairn.model.StoreName;
import io.cairn.model.Tier;
import java.util.List;

/**
 * Two stores that both hold a cluster's WAL. What one has and the other lacks is copied: after a
 * failover of the stream the newer WAL lies in the second.
 *
 * @param first the one that comes first in the tier's {@code copies}
 */
public record StorePair(ClusterName cluster, Tier tier, StoreName first, StoreName second) {

    /** Both ways. */
    public List<Route> routes() {
        return List.of(new Route(cluster, first, second), new Route(cluster, second, first));
    }

    public boolean has(StoreName store) {
        return first.equals(store) || second.equals(store);
    }

    public StoreName other(StoreName store) {
        return first.equals(store) ? second : first;
    }

    @Override
    public String toString() {
        return "WAL of " + cluster + " in stores '" + first + "' and '" + second + "'";
    }
}
