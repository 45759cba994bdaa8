package io.cairn.catalog.monitoring;

import io.cairn.catalog.backup.CataloguedBackup;
import io.cairn.catalog.backup.Copy;
import io.cairn.catalog.backup.Drill;
import io.cairn.catalog.cluster.ClusterStanding;
import io.cairn.events.CairnEvent;
import io.cairn.events.Objective;
import io.cairn.events.ObjectiveBreached;
import io.cairn.events.ObjectiveMet;
import io.cairn.model.ClusterName;
import io.cairn.model.policy.TierPolicy;
import io.cairn.model.wal.RecoverableWindow;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * Compares what a tier promises with what is. Pure.
 *
 * <p>The recovery point is where stored WAL leads to from a backup; where no WAL leads on from one,
 * the end of the newest backup that is neither damaged nor found invalid, and still opens. The
 * recovery time is what the last restore drill took. What was never measured counts as breached: a
 * promise that nothing supports is not kept.
 *
 * <p>Where commits wait until their WAL is stored, nothing can be lost. That counts as long as it
 * was told within {@link #SEEN_WITHIN}; nothing else keeps a promise to lose nothing.
 */
public final class ObjectiveCheck {

    /** Streams tell of themselves, and of who waits for them, several times a minute. */
    static final Duration SEEN_WITHIN = Duration.ofMinutes(2);

    private final ClusterStanding standing;
    private final TierPolicy policy;
    private final Instant now;

    public ObjectiveCheck(ClusterStanding standing, TierPolicy policy, Instant now) {
        this.standing = standing;
        this.policy = policy;
        this.now = now;
    }

    /** One fact for each objective. */
    public List<CairnEvent> events() {
        return List.of(recoveryPoint(), recoveryTime());
    }

    private CairnEvent recoveryPoint() {
        Duration allowed = policy.run().rpo();
        Optional<CataloguedBackup> newest = standing.lastRestorable();
        if (newest.isEmpty()) {
            return breached(
                    Objective.RPO,
                    allowed,
                    Optional.empty(),
                    standing.last()
                            .map(last ->
                                    "no backup of %s can be restored: the newest, %s, is damaged or invalid, or its keys were shredded"
                                            .formatted(cluster(), last.backup().label()))
                            .orElse(cluster() + " has no backup"));
        }
        Optional<RecoverableWindow> streamed =
                standing.wal().furthest().filter(RecoverableWindow::streamed);
        if (streamed.isPresent()) {
            return recoveryPoint(streamed.get());
        }
        Duration age = age(newest.get().backup().completedAt());
        if (age.compareTo(allowed) <= 0) {
            return met(Objective.RPO, allowed, age);
        }
        return breached(
                Objective.RPO,
                allowed,
                Optional.of(age),
                "the newest point that %s can be restored to, backup %s, is %s old; tier %s allows %s"
                        .formatted(
                                cluster(),
                                newest.get().backup().label(),
                                words(age),
                                policy.tier(),
                                words(allowed)));
    }

    private CairnEvent recoveryPoint(RecoverableWindow window) {
        Duration allowed = policy.run().rpo();
        Duration age = age(window.latest().time());
        Optional<Instant> synchronousAt = standing.wal().synchronousAt(window);
        if (isFresh(age) && synchronousAt.filter(at -> isFresh(age(at))).isPresent()) {
            return met(Objective.RPO, allowed, Duration.ZERO);
        }
        if (age.compareTo(allowed) <= 0) {
            return met(Objective.RPO, allowed, age);
        }
        if (allowed.isZero() && isFresh(age)) {
            return breached(
                    Objective.RPO,
                    allowed,
                    Optional.of(age),
                    "commits of %s do not wait until their WAL is stored, so that those of the last %s can be lost; tier %s allows none"
                            .formatted(cluster(), words(age), policy.tier()));
        }
        return breached(
                Objective.RPO,
                allowed,
                Optional.of(age),
                "the newest point that %s can be restored to, WAL to %s in store '%s', is %s old; tier %s allows %s"
                        .formatted(
                                cluster(),
                                window.latest().lsn(),
                                window.store(),
                                words(age),
                                policy.tier(),
                                words(allowed)));
    }

    private CairnEvent recoveryTime() {
        Duration allowed = policy.run().rto();
        Optional<Copy> copy = standing.lastDrilled();
        Optional<Drill.Passed> drill = copy.flatMap(drilled -> drilled.drill().passed());
        if (drill.isEmpty()) {
            return breached(
                    Objective.RTO,
                    allowed,
                    Optional.empty(),
                    "no backup of %s was ever restored in a drill, so nobody knows whether %s are enough"
                            .formatted(cluster(), words(allowed)));
        }
        Duration took = drill.get().rto();
        if (took.compareTo(allowed) <= 0) {
            return met(Objective.RTO, allowed, took);
        }
        return breached(
                Objective.RTO,
                allowed,
                Optional.of(took),
                "the last restore drill of %s, backup %s from store '%s', took %s; tier %s allows %s"
                        .formatted(
                                cluster(),
                                copy.get().run().label(),
                                copy.get().store(),
                                words(took),
                                policy.tier(),
                                words(allowed)));
    }

    private static boolean isFresh(Duration age) {
        return age.compareTo(SEEN_WITHIN) <= 0;
    }

    private ClusterName cluster() {
        return standing.cluster();
    }

    /** Clocks of two machines may disagree; a backup from the future is as old as now. */
    private Duration age(Instant time) {
        Duration age = Duration.between(time, now);
        return age.isNegative() ? Duration.ZERO : age;
    }

    private ObjectiveMet met(Objective objective, Duration target, Duration actual) {
        return new ObjectiveMet(
                cluster(), policy.tier(), objective, target, actual, recoverable(), now);
    }

    private ObjectiveBreached breached(
            Objective objective, Duration target, Optional<Duration> actual, String message) {
        return new ObjectiveBreached(
                cluster(), policy.tier(), objective, target, actual, message, recoverable(), now);
    }

    private Optional<List<RecoverableWindow>> recoverable() {
        return Optional.of(standing.wal().windows());
    }

    /** {@code 3 d 4 h}, {@code 20 min}, {@code 12 s}: the two largest units that are there. */
    static String words(Duration duration) {
        long days = duration.toDays();
        if (days > 0) {
            return two(days, "d", duration.toHoursPart(), "h");
        }
        if (duration.toHours() > 0) {
            return two(duration.toHours(), "h", duration.toMinutesPart(), "min");
        }
        return two(duration.toMinutes(), "min", duration.toSecondsPart(), "s");
    }

    private static String two(long large, String largeUnit, long small, String smallUnit) {
        if (large == 0) {
            return small + " " + smallUnit;
        }
        return small == 0
                ? large + " " + largeUnit
                : large + " " + largeUnit + " " + small + " " + smallUnit;
    }
}
