package io.cairn.catalog.cluster;

import io.cairn.catalog.backup.CataloguedBackup;
import io.cairn.catalog.backup.Copy;
import io.cairn.catalog.backup.StoreLag;
import io.cairn.model.ClusterName;
import io.cairn.model.Tier;
import java.util.List;
import java.util.Optional;

/**
 * What the record says of a cluster.
 *
 * @param lastTier as events told; absent when none spoke of it
 * @param last the newest backup
 * @param lastRestorable the newest that is neither damaged nor found invalid
 * @param lastVerified the newest of which every stored byte was proven and nothing is known to be
 *     wrong
 * @param lastProtected the newest that is moreover complete in every copy of its tier's policy
 * @param lastDrilled the copy that was last restored and booted
 * @param wal what is stored of its WAL, and what can be recovered with it
 */
public record ClusterStanding(
        ClusterName cluster,
        Optional<Tier> lastTier,
        Optional<CataloguedBackup> last,
        Optional<CataloguedBackup> lastRestorable,
        Optional<CataloguedBackup> lastVerified,
        Optional<CataloguedBackup> lastProtected,
        Optional<Copy> lastDrilled,
        List<StoreLag> lags,
        List<Assessment> assessments,
        StoredWal wal) {

    public ClusterStanding {
        lags = List.copyOf(lags);
        assessments = List.copyOf(assessments);
    }

    /** Of a cluster that no event and no bucket knows. */
    public static ClusterStanding unknown(ClusterName cluster) {
        return new ClusterStanding(
                cluster,
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                List.of(),
                List.of(),
                StoredWal.NONE);
    }
}
