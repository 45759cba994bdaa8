package io.cairn.catalog.retention;

import io.cairn.catalog.retention.History.PlacedHold;
import io.cairn.catalog.retention.SimulatedCluster.Kept;
import io.cairn.catalog.retention.SimulatedCluster.Moment;
import io.cairn.catalog.retention.SimulatedCluster.Recoverable;
import io.cairn.catalog.retention.SimulatedCluster.Stored;
import io.cairn.catalog.retention.SimulatedCluster.Taken;
import io.cairn.model.BackupKind;
import io.cairn.model.BackupLabel;
import io.cairn.model.StoreName;
import io.cairn.model.policy.TierPolicy;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** What must hold of every plan, asked of the simulated cluster and not of the planner. */
final class PlanInvariants {

    private final SimulatedCluster cluster;
    private final TierPolicy policy;
    private final Kept before;
    private final Kept after;
    private final List<String> violations = new ArrayList<>();

    PlanInvariants(SimulatedCluster cluster, TierPolicy policy, RetentionPlan plan) {
        this.cluster = cluster;
        this.policy = policy;
        this.before = cluster.everything();
        this.after = cluster.apply(plan);
    }

    List<String> violations() {
        keepsWhatIsYoungLockedOrBusy();
        keepsWhatIsHeld();
        keepsWalThatIsRead();
        keepsTheNewestProven();
        keepsWhatNothingNewerIsProvenFor();
        keepsParents();
        SimulatedCluster.views().forEach(this::keepsWhatIsRecoverable);
        return violations;
    }

    private void require(boolean holds, String what) {
        if (!holds) {
            violations.add(what);
        }
    }

    private boolean isKept(Taken backup) {
        return after.backups().contains(backup);
    }

    private void keepsWhatIsYoungLockedOrBusy() {
        for (Taken backup : before.backups()) {
            boolean young = backup.label.due().plus(policy.run().retention()).isAfter(cluster.now);
            require(isKept(backup) || !young, backup.label + " was young");
            require(
                    isKept(backup)
                            || backup.locked == null
                            || !backup.locked.isAfter(cluster.now)
                            || backup.copies.isEmpty(),
                    backup.label + " was locked");
            require(isKept(backup) || backup.busy == null, backup.label + " was busy");
        }
    }

    private void keepsWhatIsHeld() {
        for (PlacedHold hold : cluster.holds) {
            Optional<Taken> held = named(hold.label());
            Taken one = held.orElse(null);
            int first = one == null ? 0 : one.start;
            while (one != null && before.backups().contains(one)) {
                require(isKept(one), one.label + " was held");
                first = Math.min(first, one.start);
                one = one.parent;
            }
            int start = first;
            held.ifPresent(backup -> sameWal(backup, start, backup.stop, "held"));
        }
    }

    private void keepsWalThatIsRead() {
        Integer from = cluster.reading;
        if (from != null) {
            before.wal().stream()
                    .filter(stored -> stored.to() > from)
                    .forEach(stored ->
                            require(after.wal().contains(stored), stored + " was being read"));
        }
    }

    private Optional<Taken> named(BackupLabel label) {
        return before.backups().stream().filter(one -> one.label.equals(label)).findFirst();
    }

    /** Whatever of it was there is there, in each store. */
    private void sameWal(Taken backup, int from, int to, String why) {
        SimulatedCluster.views()
                .forEach(stores -> {
                    Recoverable had = before.in(stores);
                    Recoverable has = after.in(stores);
                    for (int quarter = from; quarter < to; quarter++) {
                        require(
                                has.covers(backup.line, quarter, quarter + 1)
                                        || !had.covers(backup.line, quarter, quarter + 1),
                                "%s of %s lost its WAL at %d in %s"
                                        .formatted(why, backup.label, quarter, stores));
                    }
                });
    }

    private Optional<Taken> newestProven() {
        return before.backups().stream()
                .filter(one -> one.proven != null && !one.refuted && one.copies.containsValue(true))
                .max(Comparator.comparing(one -> one.label));
    }

    private void keepsTheNewestProven() {
        newestProven().ifPresent(one -> require(isKept(one), one.label + " was the newest proven"));
    }

    private void keepsWhatNothingNewerIsProvenFor() {
        Optional<Taken> newest = newestProven();
        before.backups().stream()
                .filter(one ->
                        newest.filter(proven -> proven.label.compareTo(one.label) >= 0).isEmpty())
                .forEach(one ->
                        require(isKept(one), "nothing newer than " + one.label + " is proven"));
    }

    private void keepsParents() {
        for (Taken backup : after.backups()) {
            Taken parent = backup.parent;
            require(
                    parent == null || !before.backups().contains(parent) || isKept(parent),
                    backup.label + " lost its parent");
            if (!backup.includesWal) {
                sameWal(backup, backup.start, backup.stop, "kept");
            }
        }
    }

    private void keepsWhatIsRecoverable(Set<StoreName> stores) {
        Recoverable had = before.in(stores);
        Recoverable has = after.in(stores);
        for (Moment moment : cluster.moments(cluster.now.minus(policy.pointInTimeWindow()))) {
            require(
                    !had.reaches(moment) || has.reaches(moment),
                    "%s on %d, %s can no longer be recovered in %s"
                            .formatted(moment.position(), moment.line().id, moment.time(), stores));
        }
        for (Taken log : after.backups()) {
            if (log.label.kind() == BackupKind.LOG) {
                require(
                        reachesEnd(has, log) || !reachesEnd(had, log),
                        "log backup " + log.label + " lost its base in " + stores);
            }
        }
    }

    /** From a backup before its start: that of the tier's chain. */
    private static boolean reachesEnd(Recoverable there, Taken log) {
        return there.backups().stream()
                .anyMatch(
                        base -> base.stop <= log.start && there.reaches(base, log.line, log.stop));
    }

    /** Everything that a plan removes. */
    static Set<Object> removed(SimulatedCluster cluster, RetentionPlan plan) {
        Kept kept = cluster.apply(plan);
        Set<Object> removed = new HashSet<>(cluster.backups);
        removed.addAll(cluster.wal);
        kept.backups().forEach(removed::remove);
        for (Stored stored : kept.wal()) {
            removed.remove(stored);
        }
        return removed;
    }
}
