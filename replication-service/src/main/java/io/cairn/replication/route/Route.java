package io.cairn.replication.route;

import io.cairn.model.ClusterName;
import io.cairn.model.StoreName;

/**
 * A cluster's way from the store its executors write to, to a store that holds a copy.
 *
 * @param source the tier's active store
 */
public record Route(ClusterName cluster, StoreName source, StoreName target) {

    public Copy copy() {
        return new Copy(cluster, target);
    }
}
