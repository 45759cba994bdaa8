package io.cairn.catalog.hold;

import io.cairn.model.ClusterName;
import io.cairn.model.StoreName;
import io.cairn.model.backup.ClusterRoot;
import io.cairn.model.error.CairnException;
import io.cairn.storage.ClusterRoots;
import io.cairn.storage.ObjectStore;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Function;

/**
 * The stores of a cluster's policy that answer, and what those said that do not.
 *
 * @param wanted all of the policy's
 * @param roots the lives of the cluster that the stores know
 */
record ReachedCluster(
        ClusterName cluster,
        List<StoreName> wanted,
        List<ObjectStore> stores,
        Set<ClusterRoot> roots,
        List<CairnException> failures) {

    static ReachedCluster reach(
            ClusterName cluster, List<StoreName> wanted, Function<StoreName, ObjectStore> stores) {
        List<ObjectStore> answering = new ArrayList<>();
        Set<ClusterRoot> roots = new LinkedHashSet<>();
        List<CairnException> failures = new ArrayList<>();
        for (StoreName name : wanted) {
            try {
                ObjectStore store = stores.apply(name);
                roots.addAll(ClusterRoots.of(cluster, store));
                answering.add(store);
            } catch (CairnException e) {
                failures.add(e);
            }
        }
        return new ReachedCluster(cluster, wanted, answering, roots, failures);
    }

    CairnException failure() {
        return failures.getFirst();
    }
}
