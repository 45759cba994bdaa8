package io.cairn.replication.route;

import io.cairn.model.ClusterName;
import io.cairn.model.StoreName;

/** A cluster's way from one store of its tier to another, which has to hold a copy. */
public record Route(ClusterName cluster, StoreName source, StoreName target) {

    public Copy copy() {
        return new Copy(cluster, target);
    }

    @Override
    public String toString() {
        return "the backups of '" + cluster + "' in stores '" + source + "' and '" + target + "'";
    }
}
