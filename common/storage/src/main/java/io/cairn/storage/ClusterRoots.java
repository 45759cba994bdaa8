package io.cairn.storage;

import io.cairn.model.ClusterName;
import io.cairn.model.ObjectKey;
import io.cairn.model.SystemIdentifier;
import io.cairn.model.backup.ClusterRoot;
import io.cairn.model.error.CairnException;
import java.util.LinkedHashSet;
import java.util.Optional;
import java.util.Set;

/** Finds the lives of clusters in a store, one request for each and one more for each cluster. */
public final class ClusterRoots {

    /** Sorts behind every other part of a key. */
    private static final String END = "/~";

    private ClusterRoots() {}

    /**
     * @throws CairnException a {@code STORE_…} code, if the store cannot be used now
     */
    public static Set<ClusterRoot> of(ClusterName cluster, ObjectStore store) {
        Set<ClusterRoot> roots = new LinkedHashSet<>();
        Optional<ObjectKey> next = next(cluster, store, Optional.empty());
        while (next.isPresent()) {
            String[] parts = next.get().value().split("/");
            if (parts.length > 2) {
                root(cluster, parts[1]).ifPresent(roots::add);
                next =
                        next(
                                cluster,
                                store,
                                Optional.of(new ObjectKey(parts[0] + "/" + parts[1] + END)));
            } else {
                next = next(cluster, store, next);
            }
        }
        return roots;
    }

    /**
     * Those of every cluster that has anything in the store, whether a configuration names it or
     * not.
     *
     * @throws CairnException a {@code STORE_…} code, if the store cannot be used now
     */
    public static Set<ClusterRoot> all(ObjectStore store) {
        Set<ClusterRoot> roots = new LinkedHashSet<>();
        Optional<ObjectKey> next = store.first("", Optional.empty());
        while (next.isPresent()) {
            String[] parts = next.get().value().split("/");
            ObjectKey after = next.get();
            if (parts.length > 1) {
                Optional<ClusterName> cluster = cluster(parts[0]);
                cluster.ifPresent(name -> roots.addAll(of(name, store)));
                after = new ObjectKey(parts[0] + END);
            }
            next = store.first("", Optional.of(after));
        }
        return roots;
    }

    private static Optional<ClusterName> cluster(String name) {
        try {
            return Optional.of(new ClusterName(name));
        } catch (CairnException _) {
            // Not a cluster's: something else that lies in the bucket.
            return Optional.empty();
        }
    }

    private static Optional<ClusterRoot> root(ClusterName cluster, String system) {
        try {
            return Optional.of(new ClusterRoot(cluster, SystemIdentifier.parse(system)));
        } catch (CairnException _) {
            // Not a root: something else that lies in the bucket.
            return Optional.empty();
        }
    }

    private static Optional<ObjectKey> next(
            ClusterName cluster, ObjectStore store, Optional<ObjectKey> after) {
        return store.first(cluster + "/", after);
    }
}
