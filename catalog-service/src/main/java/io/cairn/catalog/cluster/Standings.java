package io.cairn.catalog.cluster;

import io.cairn.model.ClusterName;
import java.util.SortedMap;

/** What the record says of the clusters. Blocking; thread-safe. */
public interface Standings {

    /** Of every cluster that an event spoke of or a bucket holds a backup of. */
    SortedMap<ClusterName, ClusterStanding> all();
}
