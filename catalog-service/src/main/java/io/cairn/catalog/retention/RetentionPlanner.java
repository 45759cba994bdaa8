package io.cairn.catalog.retention;

import io.cairn.catalog.retention.History.PastBackup;
import io.cairn.catalog.retention.History.PastTimeline;
import io.cairn.catalog.retention.History.PlacedHold;
import io.cairn.catalog.retention.Lineages.Leg;
import io.cairn.model.BackupKind;
import io.cairn.model.BackupLabel;
import io.cairn.model.Lsn;
import io.cairn.model.StoreName;
import io.cairn.model.Timeline;
import io.cairn.model.policy.TierPolicy;
import io.cairn.model.wal.SegmentSize;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.BiPredicate;
import java.util.function.Predicate;
import java.util.stream.Stream;

/**
 * Decides what is kept. Pure, and careful where something is not known: a backup goes only when
 * every reason to keep it is known not to hold. Thread-safe.
 */
public final class RetentionPlanner {

    /**
     * What the clocks of executors and stores may differ from this one's, generously, before a
     * moment is taken to lie on the wrong side of the begin of the window.
     */
    static final Duration CLOCK_MARGIN = Duration.ofHours(1);

    private final Set<Guard> guards;

    public RetentionPlanner() {
        this(EnumSet.allOf(Guard.class));
    }

    RetentionPlanner(Set<Guard> guards) {
        this.guards = Set.copyOf(guards);
    }

    public RetentionPlan plan(History history, TierPolicy policy) {
        return new Planning(history, policy).plan();
    }

    /** One plan in the making. */
    private final class Planning {

        private final History history;
        private final TierPolicy policy;
        private final Instant windowStart;
        private final Lineages lineages;
        private final SortedMap<BackupLabel, List<PastBackup>> byLabel = new TreeMap<>();
        private final Map<BackupLabel, Set<Reason>> reasons = new HashMap<>();
        private final WantedWal wal;

        Planning(History history, TierPolicy policy) {
            this.history = history;
            this.policy = policy;
            this.windowStart = history.now().minus(policy.pointInTimeWindow()).minus(CLOCK_MARGIN);
            this.lineages = new Lineages(history);
            this.wal = new WantedWal(history.segmentSize(), history.timelines().keySet());
            for (PastBackup backup : history.backups()) {
                byLabel.computeIfAbsent(backup.label(), _ -> new ArrayList<>()).add(backup);
            }
        }

        RetentionPlan plan() {
            young();
            busy();
            locked();
            held();
            read();
            proven();
            window();
            chains();
            walOfKept();
            SortedMap<BackupLabel, Decision> decisions = new TreeMap<>();
            byLabel.keySet()
                    .forEach(label -> {
                        Set<Reason> why = reasons.getOrDefault(label, Set.of());
                        decisions.put(
                                label,
                                why.isEmpty()
                                        ? new Decision.Expire()
                                        : new Decision.Keep(List.copyOf(why)));
                    });
            SortedMap<Timeline, Lsn> storedUntil = new TreeMap<>();
            history.timelines()
                    .values()
                    .forEach(past ->
                            past.last().ifPresent(end -> storedUntil.put(past.timeline(), end)));
            return new RetentionPlan(
                    history.root(),
                    history.tier(),
                    history.now(),
                    RetentionPlan.digest(policy),
                    decisions,
                    wal.kept(),
                    storedUntil);
        }

        private void keep(Guard guard, BackupLabel label, Reason reason) {
            if (guards.contains(guard) && byLabel.containsKey(label)) {
                reasons.computeIfAbsent(label, _ -> new LinkedHashSet<>()).add(reason);
            }
        }

        private void young() {
            for (PastBackup backup : history.backups()) {
                Instant since = later(backup.label().due(), backup.completedAt());
                Instant until = since.plus(policy.run().retention());
                if (until.isAfter(history.now())) {
                    keep(Guard.RETENTION, backup.label(), new Reason.Young(until));
                }
            }
        }

        private void busy() {
            for (PastBackup backup : history.backups()) {
                backup.busy().stream()
                        .sorted()
                        .forEach(work -> keep(Guard.BUSY, backup.label(), new Reason.Busy(work)));
            }
        }

        private void locked() {
            for (PastBackup backup : history.backups()) {
                new TreeMap<>(backup.copies())
                        .forEach((store, copy) ->
                                copy.lockedUntil()
                                        .filter(until -> until.isAfter(history.now()))
                                        .ifPresent(until ->
                                                keep(
                                                        Guard.LOCK,
                                                        backup.label(),
                                                        new Reason.Locked(store, until))));
            }
        }

        private void held() {
            for (PlacedHold hold : history.holds()) {
                Reason reason = new Reason.Held(hold.id(), hold.label());
                SortedSet<BackupLabel> chain = chain(hold.label());
                chain.forEach(label -> keep(Guard.HOLD, label, reason));
                if (guards.contains(Guard.HOLD_WAL)) {
                    wantBetween(chain);
                }
            }
        }

        /** Whoever replays WAL may follow any timeline. */
        private void read() {
            if (guards.contains(Guard.READ_WAL)) {
                history.walReadFrom()
                        .ifPresent(from ->
                                history.timelines()
                                        .keySet()
                                        .forEach(timeline -> wal.from(timeline, from)));
            }
        }

        /** From the first start to the last stop, along every timeline that it may lead over. */
        private void wantBetween(Set<BackupLabel> chain) {
            List<PastBackup> all =
                    chain.stream()
                            .flatMap(label -> byLabel.getOrDefault(label, List.of()).stream())
                            .toList();
            Optional<Lsn> first =
                    all.stream().map(PastBackup::startLsn).min(Comparator.naturalOrder());
            for (PastBackup last : all) {
                wantUntil(first.orElseThrow(), last);
            }
        }

        private void wantUntil(Lsn first, PastBackup last) {
            for (List<Leg> lineage : lineages.of(last.timeline())) {
                for (Leg leg : lineage) {
                    wal.between(leg.timeline(), first, last.stopLsn());
                }
            }
            wantForked(last, first);
        }

        /** A label and all that it builds on, as far as there is any. */
        private SortedSet<BackupLabel> chain(BackupLabel label) {
            SortedSet<BackupLabel> chain = new TreeSet<>();
            Deque<BackupLabel> next = new ArrayDeque<>(List.of(label));
            while (!next.isEmpty()) {
                BackupLabel one = next.pop();
                if (chain.add(one)) {
                    byLabel.getOrDefault(one, List.of())
                            .forEach(backup -> backup.parent().ifPresent(next::push));
                }
            }
            return chain;
        }

        private void proven() {
            Optional<PastBackup> newest =
                    history.backups().stream()
                            .filter(PastBackup::isProven)
                            .max(Comparator.comparing(PastBackup::label));
            newest.ifPresent(backup ->
                    keep(
                            Guard.NEWEST_PROVEN,
                            backup.label(),
                            new Reason.NewestProven(backup.provenAt().orElseThrow())));
            byLabel.keySet().stream()
                    .filter(label ->
                            newest.filter(proven -> proven.label().compareTo(label) >= 0).isEmpty())
                    .forEach(label -> keep(Guard.UNPROVEN, label, new Reason.Unproven()));
        }

        /** Of every timeline on which something was committed since the window began. */
        private void window() {
            Set<Timeline> timelines = new TreeSet<>(history.timelines().keySet());
            history.backups().forEach(backup -> timelines.add(backup.timeline()));
            timelines.stream().filter(this::reachesIntoTheWindow).forEach(this::window);
        }

        private boolean reachesIntoTheWindow(Timeline timeline) {
            PastTimeline past = history.timelines().get(timeline);
            boolean stored =
                    past != null
                            && past.storedAt().filter(at -> !at.isBefore(windowStart)).isPresent();
            return stored
                    || history.backups().stream()
                            .anyMatch(backup ->
                                    backup.timeline().equals(timeline)
                                            && !backup.completedAt().isBefore(windowStart));
        }

        private void window(Timeline timeline) {
            boolean found = false;
            for (List<Leg> lineage : lineages.of(timeline)) {
                for (StoreName store : new TreeSet<>(history.stores())) {
                    for (PastBackup base : windowBases(lineage, store)) {
                        found = true;
                        keep(Guard.WINDOW_BASE, base.label(), new Reason.WindowBase(store));
                        if (guards.contains(Guard.WINDOW_WAL)) {
                            wantAlong(lineage, base);
                        }
                    }
                }
            }
            if (!found && guards.contains(Guard.WINDOW_WAL)) {
                // Nothing was complete when the window began: whatever recovery begins with is in
                // it, and how early is not worth a guess.
                wal.all(timeline);
            }
        }

        private Set<PastBackup> windowBases(List<Leg> lineage, StoreName store) {
            Set<PastBackup> bases =
                    bestBases(lineage, store, backup -> !backup.completedAt().isAfter(windowStart));
            // Complete about when the window begins: before or after, nobody knows for sure.
            Instant late = windowStart.plus(CLOCK_MARGIN).plus(CLOCK_MARGIN);
            on(lineage, (leg, stop) -> leg.leadsFrom(stop) || leg.mayLeadFrom(stop))
                    .filter(backup ->
                            backup.completedAt().isAfter(windowStart)
                                    && !backup.completedAt().isAfter(late))
                    .filter(backup -> isUsable(backup, store))
                    .forEach(bases::add);
            return bases;
        }

        /**
         * What recovery may begin with: of all that qualify the one that needs the least WAL, since
         * what can be recovered from another one can be from it; and of those that build on
         * nothing, should a chain turn out to be broken.
         */
        private Set<PastBackup> bestBases(
                List<Leg> lineage, StoreName store, Predicate<PastBackup> qualifies) {
            Comparator<PastBackup> order =
                    Comparator.comparing(this::walFrom)
                            .thenComparing(PastBackup::stopLsn)
                            .thenComparing(PastBackup::label);
            List<PastBackup> usable =
                    on(lineage, Leg::leadsFrom)
                            .filter(qualifies)
                            .filter(backup -> isUsable(backup, store))
                            .toList();
            Set<PastBackup> best = new LinkedHashSet<>();
            on(lineage, Leg::mayLeadFrom)
                    .filter(qualifies)
                    .filter(backup -> isUsable(backup, store))
                    .forEach(best::add);
            usable.stream().max(order).ifPresent(best::add);
            usable.stream()
                    .filter(backup -> backup.kind() != BackupKind.INCREMENTAL)
                    .max(order)
                    .ifPresent(best::add);
            return best;
        }

        private Stream<PastBackup> on(List<Leg> lineage, BiPredicate<Leg, Lsn> leads) {
            return lineage.stream()
                    .flatMap(leg ->
                            history.backups().stream()
                                    .filter(backup ->
                                            backup.timeline().equals(leg.timeline())
                                                    && leads.test(leg, backup.stopLsn())));
        }

        /** The first byte of WAL that a recovery needs beside the backup. */
        private Lsn walFrom(PastBackup backup) {
            SegmentSize size = history.segmentSize();
            return backup.includesWal()
                    ? size.startOf(backup.stopLsn().plus(-1)).plus(size.bytes())
                    : size.startOf(backup.startLsn());
        }

        /** Whether a recovery can begin with it from that store alone. */
        private boolean isUsable(PastBackup backup, StoreName store) {
            Set<BackupLabel> seen = new HashSet<>();
            Optional<PastBackup> next = Optional.of(backup);
            while (next.isPresent()) {
                PastBackup one = next.get();
                if (!one.isBase() || !one.isCompleteIn(store) || !seen.add(one.label())) {
                    return false;
                }
                if (one.parent().isEmpty()) {
                    return true;
                }
                next =
                        byLabel.getOrDefault(one.parent().get(), List.of()).stream()
                                .filter(parent -> parent.isCompleteIn(store))
                                .findFirst();
            }
            return false;
        }

        private void wantAlong(List<Leg> lineage, PastBackup base) {
            boolean reached = false;
            for (Leg leg : lineage) {
                reached |= leg.timeline().equals(base.timeline());
                if (!reached) {
                    wantBefore(leg, base.startLsn());
                } else if (leg.to().isPresent()) {
                    wal.between(leg.timeline(), base.startLsn(), leg.to().get());
                } else {
                    wal.from(leg.timeline(), base.startLsn());
                }
            }
        }

        /** Begun soon after a fork, a segment's first bytes may lie on the older timeline only. */
        private void wantBefore(Leg older, Lsn start) {
            wal.between(older.timeline(), history.segmentSize().startOf(start), start);
        }

        /** Until nothing more follows: what a kept one needs is kept. */
        private void chains() {
            Deque<BackupLabel> next = new ArrayDeque<>(reasons.keySet());
            Set<BackupLabel> done = new HashSet<>();
            while (!next.isEmpty()) {
                BackupLabel label = next.pop();
                if (done.add(label)) {
                    for (BackupLabel needed : needed(label)) {
                        keep(Guard.CHAIN, needed, new Reason.NeededBy(label));
                        if (reasons.containsKey(needed)) {
                            next.push(needed);
                        }
                    }
                }
            }
        }

        private Set<BackupLabel> needed(BackupLabel label) {
            Set<BackupLabel> needed = new TreeSet<>();
            for (PastBackup backup : byLabel.getOrDefault(label, List.of())) {
                backup.parent().ifPresent(needed::add);
                logBases(backup).forEach(base -> needed.add(base.label()));
            }
            return needed;
        }

        /** A log backup is WAL, and worth nothing without a backup before it. */
        private Set<PastBackup> logBases(PastBackup log) {
            if (log.kind() != BackupKind.LOG) {
                return Set.of();
            }
            Set<PastBackup> bases = new LinkedHashSet<>();
            for (List<Leg> lineage : lineages.of(log.timeline())) {
                for (StoreName store : new TreeSet<>(history.stores())) {
                    bases.addAll(
                            bestBases(
                                    lineage,
                                    store,
                                    base -> base.stopLsn().compareTo(log.startLsn()) <= 0));
                }
            }
            return bases;
        }

        private void walOfKept() {
            if (!guards.contains(Guard.BACKUP_WAL)) {
                return;
            }
            for (BackupLabel label : reasons.keySet()) {
                for (PastBackup backup : byLabel.get(label)) {
                    if (!backup.includesWal()) {
                        wantOwn(backup);
                    }
                    logBases(backup).forEach(base -> wantUntil(base.startLsn(), backup));
                }
            }
        }

        private void wantOwn(PastBackup backup) {
            wal.between(backup.timeline(), backup.startLsn(), backup.stopLsn());
            wantForked(backup, backup.startLsn());
            for (List<Leg> lineage : lineages.of(backup.timeline())) {
                lineage.subList(0, lineage.size() - 1)
                        .forEach(older -> wantBefore(older, backup.startLsn()));
            }
        }

        /**
         * A segment in which a timeline was left may be stored whole only on the one that went on.
         */
        private void wantForked(PastBackup backup, Lsn from) {
            Lsn to = backup.stopLsn().plus(history.segmentSize().bytes());
            lineages.leaving(backup.timeline(), from, to)
                    .forEach(fork ->
                            wal.between(fork.getKey(), fork.getValue(), fork.getValue().plus(1)));
        }
    }

    private static Instant later(Instant one, Instant other) {
        return one.isAfter(other) ? one : other;
    }
}
