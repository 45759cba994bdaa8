package io.cairn.storage;

import io.cairn.model.ClusterName;
import io.cairn.model.ObjectKey;
import io.cairn.model.SystemIdentifier;
import io.cairn.model.backup.ClusterRoot;
import io.cairn.model.error.CairnException;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
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
        for (String system : folders(cluster + "/", store)) {
            root(cluster, system).ifPresent(roots::add);
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
        for (String name : folders("", store)) {
            cluster(name).ifPresent(cluster -> roots.addAll(of(cluster, store)));
        }
        return roots;
    }

    /** What stands between the prefix and the next slash of the keys that have one. */
    private static List<String> folders(String prefix, ObjectStore store) {
        List<String> folders = new ArrayList<>();
        Optional<ObjectKey> next = store.first(prefix, Optional.empty());
        while (next.isPresent()) {
            ObjectKey after = next.get();
            int end = after.value().indexOf('/', prefix.length());
            if (end >= 0) {
                String folder = after.value().substring(prefix.length(), end);
                folders.add(folder);
                after = new ObjectKey(prefix + folder + END);
            }
            next = store.first(prefix, Optional.of(after));
        }
        return folders;
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
}
