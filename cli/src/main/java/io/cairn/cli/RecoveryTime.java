package io.cairn.cli;

import io.cairn.config.CairnConfig;
import io.cairn.model.BackupKind;
import io.cairn.model.BackupLabel;
import io.cairn.model.ClusterName;
import io.cairn.model.StoreName;
import io.cairn.model.SystemIdentifier;
import io.cairn.model.Tier;
import io.cairn.model.policy.RtoForecast;
import io.cairn.restore.backup.ListedBackup;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * How long a restore of a cluster takes, by its last drill, and what its tier promises.
 *
 * @param label the backup that was drilled, from {@code store}
 * @param forecast how long it will take as the cluster grows; absent where the full backups of the
 *     last month do not tell
 */
record RecoveryTime(
        ClusterName cluster,
        Duration rto,
        Duration objective,
        BackupLabel label,
        StoreName store,
        Instant drilledAt,
        Optional<RtoForecast> forecast) {

    /**
     * @param backups the cluster's
     * @param windows what can be recovered of it, and by which drill that is proven
     * @return empty if none was drilled
     */
    static Optional<RecoveryTime> of(
            ClusterName cluster,
            CairnConfig config,
            List<ListedBackup> backups,
            List<StoreWindow> windows,
            Instant now) {
        return windows.stream()
                .filter(window -> window.cluster().equals(cluster) && window.provenBy().isPresent())
                .max(Comparator.comparing(window -> window.provenBy().orElseThrow().at()))
                .map(window ->
                        of(
                                window,
                                config.policy(tier(cluster, config, backups)).run().rto(),
                                sizes(window.systemIdentifier(), backups),
                                now));
    }

    private static RecoveryTime of(
            StoreWindow window, Duration objective, List<RtoForecast.Size> fulls, Instant now) {
        var drill = window.provenBy().orElseThrow();
        return new RecoveryTime(
                window.cluster(),
                drill.rto(),
                objective,
                drill.label(),
                window.store(),
                drill.at(),
                RtoForecast.of(now, drill.rto(), objective, fulls));
    }

    /** As it is configured; of a cluster that is not any more, as its newest backup says. */
    static Tier tier(ClusterName cluster, CairnConfig config, List<ListedBackup> backups) {
        return backups.isEmpty() || config.clusters().containsKey(cluster)
                ? config.cluster(cluster).tier()
                : backups.getLast().commit().tier();
    }

    private static List<RtoForecast.Size> sizes(
            SystemIdentifier system, List<ListedBackup> backups) {
        return backups.stream()
                .map(ListedBackup::commit)
                .filter(commit ->
                        commit.kind() == BackupKind.FULL
                                && commit.systemIdentifier().equals(system))
                .map(full -> new RtoForecast.Size(full.completedAt(), full.bytesIn()))
                .toList();
    }

    /** {@code RTO 6 min 02 s of 15 min; at this growth beyond it in 3 months}. */
    String text(Instant now) {
        return "RTO %s of %s%s"
                .formatted(Format.duration(rto), Format.whole(objective), outlook(now));
    }

    private String outlook(Instant now) {
        if (rto.compareTo(objective) > 0) {
            return ": BEYOND IT";
        }
        return forecast.map(RtoForecast::objectivePassedAt)
                .map(passed ->
                        passed.map(at ->
                                        "; at this growth beyond it in "
                                                + Format.ahead(Duration.between(now, at)))
                                .orElse("; at this growth not beyond it in ten years"))
                .orElse("");
    }
}
