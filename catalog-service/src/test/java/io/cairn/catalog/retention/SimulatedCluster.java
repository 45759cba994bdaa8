package io.cairn.catalog.retention;

import io.cairn.catalog.retention.History.Fork;
import io.cairn.catalog.retention.History.PastBackup;
import io.cairn.catalog.retention.History.PastCopy;
import io.cairn.catalog.retention.History.PastTimeline;
import io.cairn.catalog.retention.History.PlacedHold;
import io.cairn.model.AttemptId;
import io.cairn.model.BackupKind;
import io.cairn.model.BackupLabel;
import io.cairn.model.ClusterName;
import io.cairn.model.Lsn;
import io.cairn.model.StoreName;
import io.cairn.model.SystemIdentifier;
import io.cairn.model.Tier;
import io.cairn.model.Timeline;
import io.cairn.model.backup.ClusterRoot;
import io.cairn.model.wal.LsnRange;
import io.cairn.model.wal.SegmentSize;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.random.RandomGenerator;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A cluster that lives for months: it writes WAL, is backed up, promoted, set back, and loses
 * things. Positions are counted in quarters of a segment. What can be recovered is found by trying
 * every backup and looking at every quarter, with nothing of the planner's.
 */
final class SimulatedCluster {

    static final SegmentSize SEGMENT = new SegmentSize(1 << 20);
    static final int QUARTER = SEGMENT.bytes() / 4;
    static final ClusterRoot ROOT =
            new ClusterRoot(new ClusterName("shop"), SystemIdentifier.parse("7300000000000000001"));
    static final List<StoreName> STORES =
            List.of(new StoreName("primary"), new StoreName("secondary"));

    final RandomGenerator random;
    Instant now = Instant.parse("2026-01-01T00:00:00Z");
    final List<Taken> backups = new ArrayList<>();
    final List<Stored> wal = new ArrayList<>();
    final List<Line> lines = new ArrayList<>();
    final List<PlacedHold> holds = new ArrayList<>();

    /** From where on somebody reads WAL. */
    @Nullable Integer reading;

    private int at = 4;
    private int labels;

    private final boolean forksKnown;

    SimulatedCluster(RandomGenerator random) {
        this(random, false);
    }

    /**
     * @param forksKnown whether of every timeline it is known where it began, not only of most
     */
    SimulatedCluster(RandomGenerator random, boolean forksKnown) {
        this.random = random;
        this.forksKnown = forksKnown;
        lines.add(new Line(1, null, 0, true));
    }

    /** A timeline, with when each of its quarters was committed. */
    static final class Line {
        final int id;
        final @Nullable Line parent;
        final int fork;
        final boolean forkKnown;
        final SortedMap<Integer, Instant> committed = new TreeMap<>();

        Line(int id, @Nullable Line parent, int fork, boolean forkKnown) {
            this.id = id;
            this.parent = parent;
            this.fork = fork;
            this.forkKnown = forkKnown;
        }

        Timeline timeline() {
            return new Timeline(id);
        }
    }

    record Stored(int line, int from, int to, Set<StoreName> stores, Instant at) {

        LsnRange range() {
            return new LsnRange(lsn(from), lsn(to));
        }
    }

    static final class Taken {
        final BackupLabel label;
        final Line line;
        final int start;
        final int stop;
        final Instant completed;
        final Instant told;
        final boolean includesWal;
        final @Nullable Taken parent;
        final Map<StoreName, Boolean> copies = new HashMap<>();
        boolean refuted;
        @Nullable Instant proven;
        @Nullable Instant locked;
        Reason.@Nullable Work busy;

        Taken(
                BackupLabel label,
                Line line,
                int start,
                int stop,
                Instant completed,
                Instant told,
                boolean includesWal,
                @Nullable Taken parent) {
            this.label = label;
            this.line = line;
            this.start = start;
            this.stop = stop;
            this.completed = completed;
            this.told = told;
            this.includesWal = includesWal;
            this.parent = parent;
        }

        boolean isBase() {
            return label.kind() != BackupKind.LOG && !refuted;
        }
    }

    static Lsn lsn(int quarter) {
        return new Lsn((long) quarter * QUARTER);
    }

    Line current() {
        return lines.getLast();
    }

    // What happens
    // ------------------------------------------------------------------------------------

    void live() {
        pass(Duration.ofMinutes(random.nextInt(30, 20 * 60)));
        switch (random.nextInt(20)) {
            case 0, 1, 2, 3, 4, 5 -> write(random.nextInt(1, 12));
            case 6, 7, 8 -> back(BackupKind.FULL);
            case 9, 10, 11, 12 -> back(BackupKind.INCREMENTAL);
            case 13 -> back(BackupKind.LOG);
            case 14 -> back(BackupKind.SNAPSHOT);
            case 15 -> promote();
            case 16 -> prove();
            case 17 -> hold();
            case 18 -> change();
            default -> now = now.plus(Duration.ofMinutes(random.nextInt(-30, 30)));
        }
    }

    private void pass(Duration time) {
        now = now.plus(time);
    }

    private void write(int quarters) {
        boolean lost = random.nextInt(25) == 0;
        boolean pieces = random.nextInt(3) > 0;
        for (int i = 0; i < quarters; i++) {
            current().committed.put(at + 1, now);
            if (pieces && !lost) {
                store(at, at + 1);
            }
            at++;
            if (at % 4 == 0 && !lost) {
                store(at - 4, at);
            }
            pass(Duration.ofMinutes(random.nextInt(1, 30)));
        }
    }

    private void store(int from, int to) {
        wal.add(
                new Stored(
                        current().id,
                        from,
                        to,
                        someStores(),
                        now.plusSeconds(random.nextInt(-200, 300))));
    }

    private Set<StoreName> someStores() {
        return random.nextInt(12) == 0
                ? Set.of(STORES.get(random.nextInt(STORES.size())))
                : Set.copyOf(STORES);
    }

    private void back(BackupKind kind) {
        Taken parent = kind == BackupKind.INCREMENTAL ? parent() : null;
        if (kind == BackupKind.INCREMENTAL && parent == null) {
            return;
        }
        Instant due = now.plusSeconds(++labels % 50);
        int start = at;
        write(random.nextInt(1, 6));
        Taken taken =
                new Taken(
                        BackupLabel.of(due, kind),
                        current(),
                        start,
                        at,
                        now,
                        now.plusSeconds(random.nextInt(-600, 600)),
                        kind == BackupKind.SNAPSHOT
                                || (kind == BackupKind.FULL && random.nextInt(4) == 0),
                        parent);
        if (backups.stream().anyMatch(other -> other.label.equals(taken.label))) {
            return;
        }
        for (StoreName store : someStores()) {
            taken.copies.put(store, random.nextInt(15) > 0);
        }
        taken.refuted = random.nextInt(12) == 0;
        backups.add(taken);
        if (random.nextInt(2) == 0) {
            taken.proven = taken.refuted ? null : now;
        }
    }

    private @Nullable Taken parent() {
        return backups.stream()
                .filter(other -> other.label.kind() != BackupKind.LOG && other.line == current())
                .reduce((_, later) -> later)
                .orElse(null);
    }

    /** Here, or somewhat earlier, as after a recovery to a point in time. */
    private void promote() {
        Line old = current();
        int back = random.nextBoolean() ? 0 : random.nextInt(0, 30);
        int fork = Math.max(old.fork + 1, at - back);
        if (fork > at) {
            return;
        }
        lines.add(new Line(old.id + 1, old, fork, forksKnown || random.nextInt(3) > 0));
        at = fork;
    }

    private void prove() {
        any().filter(one -> !one.refuted).ifPresent(one -> one.proven = now);
    }

    private void hold() {
        if (random.nextInt(3) == 0) {
            any().ifPresent(one ->
                    holds.add(new PlacedHold("%032x".formatted(random.nextInt(1000)), one.label)));
        } else if (!holds.isEmpty()) {
            holds.remove(random.nextInt(holds.size()));
        }
    }

    private void change() {
        any().ifPresent(one -> {
            switch (random.nextInt(8)) {
                case 6 -> reading = random.nextBoolean() ? one.start : one.start / 4 * 4;
                case 7 -> reading = null;
                case 0 -> {
                    one.refuted = true;
                    one.proven = null;
                }
                case 1 -> one.locked = now.plus(Duration.ofDays(random.nextInt(1, 30)));
                case 2 ->
                        one.busy =
                                Reason.Work.values()[random.nextInt(Reason.Work.values().length)];
                case 3 -> one.busy = null;
                case 4 -> STORES.forEach(store -> one.copies.put(store, true));
                default ->
                        one.copies.computeIfPresent(STORES.get(random.nextInt(2)), (_, _) -> false);
            }
        });
    }

    private Optional<Taken> any() {
        return backups.isEmpty()
                ? Optional.empty()
                : Optional.of(backups.get(random.nextInt(backups.size())));
    }

    // What is known, and what a plan does
    // -------------------------------------------------------------

    History history() {
        SortedMap<Timeline, PastTimeline> timelines = new TreeMap<>();
        for (Line line : lines) {
            List<Stored> own = wal.stream().filter(one -> one.line() == line.id).toList();
            if (!own.isEmpty()) {
                Line parent = line.parent;
                timelines.put(
                        line.timeline(),
                        new PastTimeline(
                                line.timeline(),
                                parent != null && line.forkKnown
                                        ? Optional.of(new Fork(parent.timeline(), lsn(line.fork)))
                                        : Optional.empty(),
                                LsnRange.merged(own.stream().map(Stored::range).toList()),
                                own.stream().map(Stored::at).max(Comparator.naturalOrder())));
            }
        }
        return new History(
                ROOT,
                Tier.OLTP,
                now,
                Set.copyOf(STORES),
                SEGMENT,
                backups.stream().map(SimulatedCluster::past).toList(),
                timelines,
                holds,
                reading == null ? Optional.empty() : Optional.of(lsn(reading)));
    }

    private static PastBackup past(Taken taken) {
        Map<StoreName, PastCopy> copies = new HashMap<>();
        taken.copies.forEach((store, complete) ->
                copies.put(store, new PastCopy(complete, 100, Optional.ofNullable(taken.locked))));
        return new PastBackup(
                taken.label,
                new AttemptId("0123456789abcdef"),
                Optional.ofNullable(taken.parent).map(parent -> parent.label),
                taken.line.timeline(),
                lsn(taken.start),
                lsn(taken.stop),
                taken.told,
                taken.includesWal,
                taken.refuted,
                Optional.ofNullable(taken.proven),
                copies,
                taken.busy == null ? Set.of() : EnumSet.of(taken.busy));
    }

    Kept apply(RetentionPlan plan) {
        Set<BackupLabel> expired = new HashSet<>(plan.expired());
        return new Kept(
                backups.stream().filter(one -> !expired.contains(one.label)).toList(),
                wal.stream()
                        .filter(one -> plan.wants(new Timeline(one.line()), one.range()))
                        .toList());
    }

    void become(Kept kept) {
        backups.retainAll(Set.copyOf(kept.backups()));
        wal.retainAll(Set.copyOf(kept.wal()));
    }

    Kept everything() {
        return new Kept(List.copyOf(backups), List.copyOf(wal));
    }

    // What can be recovered
    // ---------------------------------------------------------------------------

    /** A moment: everything committed up to a position of a timeline. */
    record Moment(Line line, int position, Instant time) {}

    /** All since {@code since}. */
    List<Moment> moments(Instant since) {
        return lines.stream()
                .flatMap(line ->
                        line.committed.entrySet().stream()
                                .map(entry -> new Moment(line, entry.getKey(), entry.getValue())))
                .filter(moment -> !moment.time().isBefore(since))
                .toList();
    }

    /** What is there, with the quarters of each timeline that are stored in some of the stores. */
    record Kept(List<Taken> backups, List<Stored> wal) {

        /**
         * @param stores what may be used
         */
        Recoverable in(Set<StoreName> stores) {
            Map<Integer, BitSet> quarters = new HashMap<>();
            wal.stream()
                    .filter(one -> one.stores().stream().anyMatch(stores::contains))
                    .forEach(one ->
                            quarters.computeIfAbsent(one.line(), _ -> new BitSet())
                                    .set(one.from(), one.to()));
            return new Recoverable(backups, stores, quarters);
        }
    }

    record Recoverable(List<Taken> backups, Set<StoreName> stores, Map<Integer, BitSet> quarters) {

        boolean reaches(Moment moment) {
            return backups.stream()
                    .filter(base -> !base.completed.isAfter(moment.time()))
                    .anyMatch(base -> reaches(base, moment.line(), moment.position()));
        }

        boolean reaches(Taken base, Line line, int position) {
            return base.isBase()
                    && isWhole(base)
                    && base.stop <= position
                    && isOn(base, line)
                    && covers(line, walFrom(base), position);
        }

        private static int walFrom(Taken base) {
            return base.includesWal ? (base.stop + 3) / 4 * 4 : base.start / 4 * 4;
        }

        private boolean isWhole(Taken base) {
            Taken one = base;
            while (one != null) {
                Taken here = one;
                boolean there =
                        backups.contains(here)
                                && !here.refuted
                                && stores.stream()
                                        .anyMatch(store -> here.copies.getOrDefault(store, false));
                if (!there) {
                    return false;
                }
                one = one.parent;
            }
            return true;
        }

        private static boolean isOn(Taken base, Line line) {
            int until = Integer.MAX_VALUE;
            for (Line at = line; at != null; at = at.parent) {
                if (at == base.line) {
                    return base.stop <= until;
                }
                until = Math.min(until, at.fork);
            }
            return false;
        }

        /** Every quarter from one position to another on the way to a timeline. */
        boolean covers(Line line, int from, int to) {
            return IntStream.range(from, to).allMatch(quarter -> covers(line, quarter));
        }

        private boolean covers(Line line, int quarter) {
            Line next = null;
            Line at = line;
            Line parent = at.parent;
            while (parent != null && quarter < at.fork) {
                next = at;
                at = parent;
                parent = at.parent;
            }
            boolean copied = next != null && quarter / 4 == (next.fork - 1) / 4;
            return has(at, quarter) || (copied && next != null && has(next, quarter));
        }

        private boolean has(Line line, int quarter) {
            BitSet stored = quarters.get(line.id);
            return stored != null && stored.get(quarter);
        }
    }

    /** Each store alone, and all together. */
    static Stream<Set<StoreName>> views() {
        return Stream.concat(STORES.stream().map(Set::of), Stream.of(Set.copyOf(STORES)));
    }

    /** For messages. */
    @Override
    public String toString() {
        return "%s, %d backups %s"
                .formatted(
                        now,
                        backups.size(),
                        backups.stream()
                                .map(one -> one.label + "@" + one.line.id + ":" + one.stop)
                                .collect(Collectors.joining(" ")));
    }
}
