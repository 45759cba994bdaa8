package io.cairn.catalog.cluster;

import io.cairn.catalog.backup.CataloguedBackup;
import io.cairn.catalog.backup.Copy;
import io.cairn.catalog.backup.StoreLag;
import io.cairn.model.ClusterName;
import io.cairn.model.Tier;
import io.cairn.model.policy.RtoForecast;
import java.time.Duration;
import java.time.Instant;
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
 * @param fulls how large the full backups of its newest life were, of the last {@link
 *     RtoForecast#WINDOW}
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
        List<RtoForecast.Size> fulls,
        List<StoreLag> lags,
        List<Assessment> assessments,
        StoredWal wal) {

    public ClusterStanding {
        fulls = List.copyOf(fulls);
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
                List.of(),
                StoredWal.NONE);
    }

    /**
     * How long a restore will take as the cluster grows.
     *
     * @param objective what its tier promises
     * @return empty if none was drilled, or its full backups say nothing of its growth
     */
    public Optional<RtoForecast> rtoForecast(Duration objective, Instant now) {
        return lastDrilled
                .flatMap(copy -> copy.drill().passed())
                .flatMap(drill -> RtoForecast.of(now, drill.rto(), objective, fulls));
    }
}
