package io.cairn.scheduler.firing;

import io.cairn.events.BackupDue;
import io.cairn.events.BackupSkipped;
import io.cairn.events.BackupSuperseded;
import io.cairn.events.CairnEvent;
import io.cairn.events.DueCause;
import io.cairn.model.BackupKind;
import io.cairn.model.BackupLabel;
import io.cairn.model.RunId;
import io.cairn.model.policy.CatchUp;
import io.cairn.scheduler.policy.ClusterSchedule;
import io.cairn.scheduler.policy.DueTimes;
import io.cairn.scheduler.policy.KindSchedule;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.SequencedMap;

/**
 * What becomes of one cluster's due times in an interval. Every due time ends in exactly one event:
 * due, superseded by another run that covers it, or skipped with the reason.
 */
final class ClusterFirings {

    private final ClusterSchedule schedule;
    private final FiringRules rules;
    private final Instant after;
    private final Instant now;
    private final List<String> notices = new ArrayList<>();

    /** By run, so that two schedules of one kind that coincide are one run. Oldest first. */
    private final SequencedMap<RunId, Firing> firings = new LinkedHashMap<>();

    private final List<Firing> runnable;

    /** One due time of one kind. */
    private record Firing(RunId run, KindSchedule schedule, Instant due) {

        BackupKind kind() {
            return schedule.kind();
        }

        Instant deadline() {
            return due.plus(schedule.startDeadline());
        }
    }

    /**
     * @param after exclusive
     * @param now inclusive
     */
    ClusterFirings(ClusterSchedule schedule, FiringRules rules, Instant after, Instant now) {
        this.schedule = schedule;
        this.rules = rules;
        this.after = after;
        this.now = now;
        schedule.kinds().stream()
                .flatMap(kind -> dueTimes(kind).stream().map(due -> firing(kind, due)))
                .sorted(Comparator.comparing(Firing::due).thenComparing(Firing::kind))
                .forEach(firing -> firings.putIfAbsent(firing.run(), firing));
        this.runnable =
                firings.values().stream().filter(firing -> reasonToSkip(firing).isEmpty()).toList();
    }

    private List<Instant> dueTimes(KindSchedule kind) {
        DueTimes due = kind.times().between(after, now, rules.catchUpLimit());
        if (due.truncated()) {
            notices.add(
                    "more than %d due times of %s %s were missed since %s; those before %s are not announced"
                            .formatted(
                                    rules.catchUpLimit(),
                                    schedule.cluster(),
                                    kind.kind(),
                                    after,
                                    due.times().getFirst()));
        }
        return due.times();
    }

    private Firing firing(KindSchedule kind, Instant due) {
        return new Firing(
                new RunId(schedule.cluster(), BackupLabel.of(due, kind.kind())), kind, due);
    }

    /** One event for every due time, oldest first. */
    SequencedMap<RunId, CairnEvent> events() {
        SequencedMap<RunId, CairnEvent> events = new LinkedHashMap<>();
        firings.forEach((run, firing) -> events.put(run, event(firing)));
        return events;
    }

    List<String> notices() {
        return List.copyOf(notices);
    }

    private CairnEvent event(Firing firing) {
        Optional<String> reason = reasonToSkip(firing);
        if (reason.isPresent()) {
            return new BackupSkipped(firing.run(), schedule.tier(), now, reason.get());
        }
        return supersededBy(firing)
                .<CairnEvent>map(other ->
                        new BackupSuperseded(firing.run(), schedule.tier(), other.run(), now))
                .orElseGet(() -> due(firing));
    }

    private BackupDue due(Firing firing) {
        return new BackupDue(
                firing.run(),
                schedule.tier(),
                firing.due(),
                firing.deadline(),
                isLate(firing) ? DueCause.CAUGHT_UP : DueCause.SCHEDULED,
                schedule.run());
    }

    private Optional<String> reasonToSkip(Firing firing) {
        if (!firing.deadline().isAfter(now)) {
            return Optional.of(
                    "missed by the scheduler until its start deadline "
                            + firing.deadline()
                            + " had passed");
        }
        if (isLate(firing) && firing.schedule().catchUp() == CatchUp.NONE) {
            return Optional.of("missed by the scheduler, and the policy catches up none");
        }
        return Optional.empty();
    }

    private boolean isLate(Firing firing) {
        return firing.due().plus(rules.lateAfter()).isBefore(now);
    }

    /**
     * The run that covers this one: a later of its kind where only the latest is wanted, or a whole
     * backup due with it.
     */
    private Optional<Firing> supersededBy(Firing firing) {
        return runnable.stream()
                .filter(other -> isLaterOfItsKind(other, firing) || isWholeDueWith(other, firing))
                .reduce((_, last) -> last);
    }

    private static boolean isLaterOfItsKind(Firing other, Firing firing) {
        return firing.schedule().catchUp() == CatchUp.LATEST
                && other.kind() == firing.kind()
                && other.due().isAfter(firing.due());
    }

    private static boolean isWholeDueWith(Firing other, Firing firing) {
        return isWhole(other.kind()) && !isWhole(firing.kind()) && other.due().equals(firing.due());
    }

    /** Whether a backup of this kind needs no other to be restored. */
    private static boolean isWhole(BackupKind kind) {
        return switch (kind) {
            case FULL, SNAPSHOT -> true;
            case INCREMENTAL, LOG -> false;
        };
    }
}
