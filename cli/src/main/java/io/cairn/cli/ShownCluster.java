package io.cairn.cli;

import io.cairn.config.CairnConfig;
import io.cairn.model.BackupLabel;
import io.cairn.model.ClusterName;
import io.cairn.model.StoreName;
import io.cairn.model.Tier;
import io.cairn.model.policy.RunPolicy;
import io.cairn.restore.backup.ListedBackup;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * A cluster, as {@code cairn show} tells of it from the stores alone.
 *
 * @param backups how many there are of each kind
 * @param recoverable which moments, from each store
 * @param recoveryTime absent until a drill has measured it
 */
record ShownCluster(
        ClusterName cluster,
        Tier tier,
        Duration rto,
        Duration rpo,
        Duration retention,
        List<StoreName> copies,
        Map<String, Long> backups,
        Optional<BackupLabel> newest,
        Optional<Instant> newestCompletedAt,
        List<StoreWindow> recoverable,
        Optional<RecoveryTime> recoveryTime) {

    /**
     * @param listed oldest first
     */
    static ShownCluster of(
            ClusterName cluster,
            CairnConfig config,
            List<ListedBackup> listed,
            List<StoreWindow> windows,
            Instant now) {
        Tier tier = RecoveryTime.tier(cluster, config, listed);
        RunPolicy policy = config.policy(tier).run();
        Optional<ListedBackup> newest =
                listed.isEmpty() ? Optional.empty() : Optional.of(listed.getLast());
        return new ShownCluster(
                cluster,
                tier,
                policy.rto(),
                policy.rpo(),
                policy.retention(),
                policy.copies(),
                listed.stream()
                        .collect(
                                Collectors.groupingBy(
                                        backup -> backup.commit().kind().id(),
                                        TreeMap::new,
                                        Collectors.counting())),
                newest.map(backup -> backup.commit().label()),
                newest.map(backup -> backup.commit().completedAt()),
                windows,
                RecoveryTime.of(cluster, config, listed, windows, now));
    }

    /** A line for each thing, its name in front. */
    List<String> text(Instant now) {
        List<String> lines = new ArrayList<>();
        lines.add(line("cluster", cluster + ", tier " + tier));
        lines.add(
                line(
                        "promise",
                        "RTO %s, RPO %s, kept for %s in %s"
                                .formatted(
                                        Format.whole(rto),
                                        Format.whole(rpo),
                                        Format.whole(retention),
                                        copies.stream()
                                                .map(StoreName::value)
                                                .collect(Collectors.joining(", ")))));
        lines.add(line("backups", backupsText()));
        recoverable.forEach(
                window -> lines.add(line("store", "'" + window.store() + "': " + window.text())));
        lines.add(
                line(
                        "restore",
                        recoveryTime
                                .map(time -> time.text(now))
                                .orElse("was measured by no drill yet")));
        return lines;
    }

    private String backupsText() {
        return newest.map(label ->
                        "%s; the newest %s, completed %s"
                                .formatted(
                                        backups.entrySet().stream()
                                                .map(kind -> kind.getValue() + " " + kind.getKey())
                                                .collect(Collectors.joining(", ")),
                                        label,
                                        newestCompletedAt.orElseThrow()))
                .orElse("none");
    }

    /** As a backup is shown, too. */
    static String line(String name, String value) {
        return "%-9s %s".formatted(name, value);
    }
}
