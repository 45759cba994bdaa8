package io.cairn.scheduler.firing;

import io.cairn.config.CairnConfig;
import io.cairn.config.ClusterConfig;
import io.cairn.config.HostPort;
import io.cairn.config.KeysConfig;
import io.cairn.model.BackupKind;
import io.cairn.model.ClusterName;
import io.cairn.model.StoreName;
import io.cairn.model.Tier;
import io.cairn.model.policy.BackupSchedule;
import io.cairn.model.policy.CatchUp;
import io.cairn.model.policy.MaintenanceKind;
import io.cairn.model.policy.MaintenanceSchedule;
import io.cairn.model.policy.RunPolicy;
import io.cairn.model.policy.TierPolicy;
import io.cairn.scheduler.policy.SchedulePlan;
import java.time.Duration;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.Set;

/**
 * Plans for tests: one cluster {@code shop} of the tier {@code oltp} with the schedules that are
 * given.
 */
public final class Plans {

    public static final ClusterName SHOP = new ClusterName("shop");
    public static final RunPolicy RUN =
            new RunPolicy(
                    Duration.ofDays(90),
                    Duration.ofMinutes(15),
                    Duration.ofMinutes(15),
                    List.of(new StoreName("primary"), new StoreName("secondary")),
                    6,
                    RunPolicy.VOLUME_BYTES_DEFAULT);

    private Plans() {}

    public static SchedulePlan shop(BackupSchedule... schedules) {
        return SchedulePlan.of(
                config(Map.of(SHOP, Tier.OLTP), List.of(schedules)),
                EnumSet.allOf(BackupKind.class));
    }

    public static SchedulePlan plan(CairnConfig config, Set<BackupKind> kinds) {
        return SchedulePlan.of(config, kinds);
    }

    /** The clusters, all tiers with the same schedules, and a monitoring check at :45. */
    public static CairnConfig config(
            Map<ClusterName, Tier> clusters, List<BackupSchedule> schedules) {
        SequencedMap<ClusterName, ClusterConfig> configs = new LinkedHashMap<>();
        clusters.forEach((name, tier) -> configs.put(name, cluster(name, tier)));
        Map<Tier, TierPolicy> tiers = new LinkedHashMap<>();
        for (Tier tier : Tier.values()) {
            tiers.put(tier, new TierPolicy(tier, Duration.ofDays(30), RUN, schedules));
        }
        return new CairnConfig(
                configs,
                new LinkedHashMap<>(),
                new KeysConfig(List.of(), Optional.empty(), Optional.empty(), Optional.empty()),
                tiers,
                List.of(
                        new MaintenanceSchedule(
                                MaintenanceKind.MONITORING_CHECK,
                                "45 * * * *",
                                Duration.ofMinutes(15))),
                Map.of());
    }

    private static ClusterConfig cluster(ClusterName name, Tier tier) {
        return new ClusterConfig(
                name,
                tier,
                List.of(new HostPort("db", 5432)),
                "cairn",
                Optional.empty(),
                "postgres",
                new ClusterConfig.Tls(ClusterConfig.TlsMode.DISABLE, Optional.empty()),
                Optional.empty());
    }

    public static BackupSchedule daily(CatchUp catchUp) {
        return new BackupSchedule(BackupKind.FULL, "0 2 * * *", catchUp, Duration.ofHours(6));
    }

    public static BackupSchedule hourly(BackupKind kind, CatchUp catchUp) {
        return new BackupSchedule(kind, "0 * * * *", catchUp, Duration.ofHours(6));
    }
}
