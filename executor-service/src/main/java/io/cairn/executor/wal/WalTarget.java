package io.cairn.executor.wal;

import io.cairn.model.ClusterName;
import io.cairn.model.Tier;
import io.cairn.model.policy.WalPolicy;
import io.cairn.postgres.wal.SlotNames;
import io.cairn.storage.ObjectStore;
import java.security.cert.X509Certificate;
import java.util.List;

/**
 * Where a cluster's WAL goes, and how.
 *
 * @param gzipLevel 6 to 9
 * @param stores the policy's: the first is the active one
 * @param recipients who can open what is stored
 */
record WalTarget(
        ClusterName cluster,
        Tier tier,
        WalPolicy policy,
        int gzipLevel,
        List<ObjectStore> stores,
        List<X509Certificate> recipients) {

    WalTarget {
        stores = List.copyOf(stores);
        recipients = List.copyOf(recipients);
    }

    SlotNames slots() {
        return SlotNames.of(cluster);
    }

    ObjectStore active() {
        return stores.getFirst();
    }
}
