package io.cairn.replication.route;

import io.cairn.model.ClusterName;
import io.cairn.model.StoreName;

/** All that a store has to hold of one cluster. */
public record Copy(ClusterName cluster, StoreName target) {}
