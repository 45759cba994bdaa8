package io.cairn.catalog.cluster.rest;

import com.fasterxml.jackson.annotation.JsonProperty;
import io.cairn.catalog.backup.CataloguedBackup;
import io.cairn.catalog.backup.Copy;
import io.cairn.catalog.backup.Drill;
import io.cairn.catalog.backup.StoreLag;
import io.cairn.catalog.backup.rest.BackupView;
import io.cairn.catalog.cluster.Assessment;
import io.cairn.catalog.cluster.ClusterStanding;
import io.cairn.catalog.cluster.ProtectedCluster;
import io.cairn.catalog.cluster.Protection;
import io.cairn.catalog.key.ShreddedKeys;
import io.cairn.model.StoreName;
import io.cairn.model.Tier;
import io.cairn.model.policy.RtoForecast;
import io.cairn.model.policy.TierPolicy;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.eclipse.microprofile.openapi.annotations.media.Schema;

/**
 * A cluster as the API shows it.
 *
 * @param configured whether the configuration names it
 * @param objectives what its tier promises
 * @param isProtected whether a backup is complete, verified and complete in every copy; written as
 *     {@code protected}
 * @param protectedBy the newest such backup
 * @param unprotectedBecause why there is none
 * @param lastBackup the newest
 * @param lastVerifiedBackup the newest of which every stored byte was proven
 * @param lastDrill the last restore drill that succeeded
 * @param rtoForecast how long a restore will take as the cluster grows; absent until a drill and
 *     the full backups of more than two days tell
 * @param checks what the last monitoring check found
 * @param lagged the last time a store was further behind than it may be
 * @param recoverable the moments that can be recovered, from each store alone
 * @param wal what WAL each store holds
 * @param walGaps where stored WAL did not go on
 */
public record ClusterView(
        String name,
        boolean configured,
        @Schema(enumeration = {"oltp", "content", "queue", "olap"}) Optional<String> tier,
        Optional<Objectives> objectives,
        @JsonProperty("protected") boolean isProtected,
        Optional<String> protectedBy,
        Optional<String> unprotectedBecause,
        Optional<BackupView> lastBackup,
        Optional<BackupView> lastVerifiedBackup,
        Optional<DrillView> lastDrill,
        Optional<ForecastView> rtoForecast,
        List<Check> checks,
        List<Lag> lagged,
        List<WindowView> recoverable,
        List<WalView> wal,
        List<GapView> walGaps) {

    /** What a tier promises. */
    public record Objectives(
            Duration rto,
            Duration rpo,
            Duration retention,
            Duration pointInTimeWindow,
            List<String> copies) {

        static Objectives of(TierPolicy policy) {
            return new Objectives(
                    policy.run().rto(),
                    policy.run().rpo(),
                    policy.run().retention(),
                    policy.pointInTimeWindow(),
                    policy.run().copies().stream().map(StoreName::value).toList());
        }
    }

    /** A restore drill and the time it took. */
    public record DrillView(
            String label, String store, Instant completedAt, Duration rto, Duration rtoObjective) {

        static Optional<DrillView> of(Copy copy) {
            return copy.drill().passed().map(drill -> of(copy, drill));
        }

        private static DrillView of(Copy copy, Drill.Passed drill) {
            return new DrillView(
                    copy.run().label().value(),
                    copy.store().value(),
                    drill.at(),
                    drill.rto(),
                    drill.objective());
        }
    }

    /**
     * How long a restore will take: what the last drill took, in proportion to the full backups'
     * sizes.
     *
     * @param at a month from now
     * @param rto expected then
     * @param objectivePassedAt when it will take longer than the tier promises; now if it does
     *     already; absent if not within ten years
     */
    public record ForecastView(Instant at, Duration rto, Optional<Instant> objectivePassedAt) {

        static ForecastView of(RtoForecast forecast) {
            return new ForecastView(forecast.at(), forecast.rto(), forecast.objectivePassedAt());
        }
    }

    /** One objective, compared with what was. */
    public record Check(
            @Schema(enumeration = {"rpo", "rto"}) String objective,
            boolean met,
            Duration target,
            Optional<Duration> actual,
            Optional<String> message,
            Instant checkedAt) {

        static Check of(Assessment assessment) {
            return new Check(
                    assessment.objective().id(),
                    assessment.met(),
                    assessment.target(),
                    assessment.actual(),
                    assessment.message(),
                    assessment.checkedAt());
        }
    }

    /** A store that was behind its source. */
    public record Lag(String source, String target, Duration lag, Duration threshold, Instant at) {

        static Lag of(StoreLag lag) {
            return new Lag(
                    lag.source().value(),
                    lag.target().value(),
                    lag.lag(),
                    lag.threshold(),
                    lag.at());
        }
    }

    static ClusterView of(ProtectedCluster cluster, ShreddedKeys keys) {
        ClusterStanding standing = cluster.standing();
        Protection protection = cluster.protection();
        return new ClusterView(
                cluster.name().value(),
                cluster.configured(),
                cluster.tier().map(Tier::id),
                cluster.policy().map(Objectives::of),
                protection instanceof Protection.Protected,
                protection instanceof Protection.Protected(var label)
                        ? Optional.of(label.value())
                        : Optional.empty(),
                protection instanceof Protection.Unprotected(var reason)
                        ? Optional.of(reason)
                        : Optional.empty(),
                standing.last().map(backup -> view(backup, cluster, keys)),
                standing.lastVerified().map(backup -> view(backup, cluster, keys)),
                standing.lastDrilled().flatMap(DrillView::of),
                cluster.rtoForecast().map(ForecastView::of),
                standing.assessments().stream().map(Check::of).toList(),
                standing.lags().stream().map(Lag::of).toList(),
                standing.wal().windows().stream().map(WindowView::of).toList(),
                standing.wal().archived().stream().map(WalView::of).toList(),
                standing.wal().gaps().stream().map(GapView::of).toList());
    }

    private static BackupView view(
            CataloguedBackup backup, ProtectedCluster cluster, ShreddedKeys keys) {
        return BackupView.of(
                backup,
                cluster.policy().map(policy -> policy.run().copies()).orElse(List.of()),
                keys);
    }
}
