package io.cairn.scheduler.policy;

import io.cairn.config.CairnConfig;
import io.cairn.config.ClusterConfig;
import io.cairn.model.BackupKind;
import io.cairn.model.ClusterName;
import io.cairn.model.Tier;
import io.cairn.model.policy.TierPolicy;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Everything that is due, for every configured cluster and for the platform.
 *
 * @param notTaken schedules of clusters that are configured but not published, because no executor
 *     takes their kind yet
 */
public record SchedulePlan(
        List<ClusterSchedule> clusters,
        List<MaintenanceTimes> maintenance,
        List<NotTaken> notTaken) {

    /** A schedule that is left out of the plan. */
    public record NotTaken(Tier tier, BackupKind kind, String cron) {}

    public SchedulePlan {
        clusters = List.copyOf(clusters);
        maintenance = List.copyOf(maintenance);
        notTaken = List.copyOf(notTaken);
    }

    /**
     * @param kinds which kinds of backup are published
     * @throws io.cairn.model.error.CairnException {@link
     *     io.cairn.model.error.ErrorCode#CONFIG_INVALID} for an expression that is no cron
     *     expression
     */
    public static SchedulePlan of(CairnConfig config, Set<BackupKind> kinds) {
        // Parsed once per tier: all clusters of a tier share its schedules.
        Map<Tier, List<KindSchedule>> schedules = new EnumMap<>(Tier.class);
        for (Tier tier : config.tiers().keySet()) {
            schedules.put(tier, taken(config.policy(tier), kinds));
        }
        return new SchedulePlan(
                config.clusters().values().stream()
                        .map(cluster -> of(cluster, config.policy(cluster.tier()), schedules))
                        .toList(),
                config.maintenance().stream().map(MaintenanceTimes::of).toList(),
                notTaken(config, kinds).toList());
    }

    private static ClusterSchedule of(
            ClusterConfig cluster, TierPolicy policy, Map<Tier, List<KindSchedule>> schedules) {
        return new ClusterSchedule(
                cluster.name(),
                cluster.tier(),
                policy.run(),
                schedules.getOrDefault(cluster.tier(), List.of()));
    }

    private static List<KindSchedule> taken(TierPolicy policy, Set<BackupKind> kinds) {
        return policy.schedules().stream()
                .filter(schedule -> kinds.contains(schedule.kind()))
                .map(KindSchedule::of)
                .toList();
    }

    private static Stream<NotTaken> notTaken(CairnConfig config, Set<BackupKind> kinds) {
        return config.clusters().values().stream()
                .map(ClusterConfig::tier)
                .distinct()
                .sorted()
                .flatMap(tier ->
                        config.policy(tier).schedules().stream()
                                .filter(schedule -> !kinds.contains(schedule.kind()))
                                .map(schedule ->
                                        new NotTaken(tier, schedule.kind(), schedule.cron())));
    }

    public Optional<ClusterSchedule> cluster(ClusterName name) {
        return clusters.stream().filter(schedule -> schedule.cluster().equals(name)).findFirst();
    }
}
