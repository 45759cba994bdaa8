package io.cairn.storage;

import io.cairn.model.ClusterName;
import io.cairn.model.ObjectKey;
import io.cairn.model.SystemIdentifier;
import io.cairn.model.backup.ClusterRoot;
import io.cairn.model.error.CairnException;
import java.util.LinkedHashSet;
import java.util.Optional;
import java.util.Set;

/** Finds the lives of a cluster in a store, one request for each and one more. */
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
