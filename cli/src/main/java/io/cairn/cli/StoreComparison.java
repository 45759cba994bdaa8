package io.cairn.cli;

import io.cairn.config.ClusterConfig;
import io.cairn.model.ClusterName;
import io.cairn.model.StoreName;
import io.cairn.model.error.CairnException;
import io.cairn.model.error.ErrorCode;
import io.cairn.storage.ObjectStore;
import io.cairn.sync.Depth;
import io.cairn.sync.StoreSync;
import io.cairn.sync.SyncLimits;
import io.cairn.sync.SyncReport;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Compares the stores of clusters with the operator's credentials. Writes nothing. */
final class StoreComparison {

    private StoreComparison() {}

    /**
     * @param cluster all whose policy names more than one store, if absent
     * @param settle how long an object may be on its way
     * @throws CairnException {@link ErrorCode#CLUSTER_UNKNOWN}; a {@code STORE_…} code, if a store
     *     cannot be used: what cannot be read is not the same
     */
    static List<SyncReport> of(
            Session session, Optional<String> cluster, Depth depth, Duration settle)
            throws InterruptedException {
        List<ClusterConfig> clusters =
                cluster.map(name -> List.of(session.config().cluster(new ClusterName(name))))
                        .orElseGet(() -> List.copyOf(session.config().clusters().values()));
        SyncLimits limits =
                new SyncLimits(
                        SyncLimits.DEFAULT.parallel(),
                        SyncLimits.DEFAULT.attempts(),
                        SyncLimits.DEFAULT.pause(),
                        settle);
        List<SyncReport> reports = new ArrayList<>();
        for (ClusterConfig each : clusters) {
            List<StoreName> copies = session.config().policy(each.tier()).run().copies();
            if (copies.size() < 2) {
                continue;
            }
            List<ObjectStore> stores =
                    session.stores().stream()
                            .filter(store -> copies.contains(store.name()))
                            .toList();
            reports.add(
                    new StoreSync(stores, false, limits, InstantSource.system())
                            .compare(each.name(), depth));
        }
        if (reports.isEmpty()) {
            throw new CairnException(
                    ErrorCode.REQUEST_INVALID,
                    cluster.map(name -> "'" + name + "' is").orElse("every configured cluster is")
                            + " kept in one store only",
                    "name a second store under the tier's 'copies'");
        }
        return reports;
    }
}
