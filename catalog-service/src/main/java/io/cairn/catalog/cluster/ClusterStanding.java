package io.cairn.catalog.cluster;

import io.cairn.catalog.backup.Backup;
import io.cairn.catalog.backup.CataloguedBackup;
import io.cairn.catalog.backup.Copy;
import io.cairn.catalog.backup.StoreLag;
import io.cairn.model.ClusterName;
import io.cairn.model.Tier;
import io.cairn.model.policy.RtoForecast;
import io.cairn.model.record.Shredded;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Predicate;

/**
 * What the record says of a cluster.
 *
 * @param lastTier as events told; absent when none spoke of it
 * @param last the newest backup
 * @param lastRestorable the newest that is neither damaged nor found invalid, if its keys were not
 *     shredded
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
     * The same, but for backups that nothing opens any more: none of them is restorable, verified
     * or protected. Of one life of a cluster what is older was shredded with them; another life's
     * that is older still is no way back to this one.
     *
     * @param shredded says of a backup whether its keys were shredded
     */
    public ClusterStanding without(Function<Backup, Optional<Shredded>> shredded) {
        Predicate<CataloguedBackup> opens = backup -> shredded.apply(backup.backup()).isEmpty();
        return new ClusterStanding(
                cluster,
                lastTier,
                last,
                lastRestorable.filter(opens),
                lastVerified.filter(opens),
                lastProtected.filter(opens),
                lastDrilled,
                fulls,
                lags,
                assessments,
                wal);
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
