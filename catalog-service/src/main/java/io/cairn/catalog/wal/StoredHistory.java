package io.cairn.catalog.wal;

import io.cairn.catalog.fact.Join;
import io.cairn.events.WalGapCause;
import io.cairn.model.BackupLabel;
import io.cairn.model.Lsn;
import io.cairn.model.StoreName;
import io.cairn.model.SystemIdentifier;
import io.cairn.model.Timeline;
import io.cairn.model.wal.RecoverableWindow;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;

/**
 * One cluster's WAL and backups in all stores, and what can be recovered with them. Pure.
 *
 * <p>WAL that has diverged is not counted, since no recovery follows it: of a backup that was begun
 * after a divergence only its own end is.
 *
 * <p>Where a server was promoted or diverged is a fact of the server: it holds for every store,
 * whichever it was told of.
 */
public final class StoredHistory {

    private static final Comparator<Reach> FURTHEST =
            Comparator.comparing((Reach reach) -> reach.latest().time())
                    .thenComparing(reach -> reach.latest().timeline())
                    .thenComparing(reach -> reach.latest().lsn());

    private final Collection<ArchivedWal> archived;
    private final Collection<WalGap> gaps;
    private final Collection<TimelineSwitch> switches;

    public StoredHistory(
            Collection<ArchivedWal> archived,
            Collection<WalGap> gaps,
            Collection<TimelineSwitch> switches) {
        this.archived = List.copyOf(archived);
        this.gaps = List.copyOf(gaps);
        this.switches = List.copyOf(switches);
    }

    /** A part of the stores' contents that belongs together. */
    private record Place(StoreName store, SystemIdentifier systemIdentifier) {}

    /** How far WAL leads from a backup. */
    private record Reach(RecoveryBase base, RecoverableWindow.Point latest, boolean streamed) {}

    /** Where WAL from some position ends. */
    private record End(Timeline timeline, Lsn lsn, Optional<Instant> until) {}

    /** One for each store that a recovery can begin in, by the store's name. */
    public List<RecoverableWindow> windows(Collection<RecoveryBase> bases) {
        Map<Place, Map<BackupLabel, RecoveryBase>> places = new HashMap<>();
        bases.forEach(base ->
                places.computeIfAbsent(
                                new Place(base.store(), base.systemIdentifier()),
                                _ -> new HashMap<>())
                        .put(base.label(), base));
        Map<StoreName, RecoverableWindow> windows = new HashMap<>();
        places.forEach((_, there) ->
                window(there)
                        .ifPresent(window ->
                                windows.merge(window.store(), window, StoredHistory::newer)));
        return windows.values().stream()
                .sorted(Comparator.comparing(RecoverableWindow::store))
                .toList();
    }

    /** Created anew under its name, the newest life of a cluster is meant. */
    private static RecoverableWindow newer(RecoverableWindow one, RecoverableWindow other) {
        return one.latest().time().compareTo(other.latest().time()) >= 0 ? one : other;
    }

    private Optional<RecoverableWindow> window(Map<BackupLabel, RecoveryBase> bases) {
        List<Reach> reaches = new ArrayList<>();
        for (RecoveryBase base : bases.values()) {
            if (isWhole(base, bases)) {
                reaches.add(reach(base));
            }
        }
        return reaches.stream().max(FURTHEST).map(furthest -> window(furthest, reaches));
    }

    /** Whether the chain down to its full backup lies in the same store. */
    private static boolean isWhole(RecoveryBase base, Map<BackupLabel, RecoveryBase> bases) {
        TreeSet<BackupLabel> seen = new TreeSet<>();
        Optional<RecoveryBase> next = Optional.of(base);
        while (next.isPresent() && next.get().parent().isPresent()) {
            if (!seen.add(next.get().label())) {
                return false;
            }
            next = next.get().parent().flatMap(label -> Optional.ofNullable(bases.get(label)));
        }
        return next.isPresent();
    }

    private static RecoverableWindow window(Reach furthest, List<Reach> reaches) {
        List<Reach> within =
                reaches.stream()
                        .filter(reach ->
                                reach == furthest
                                        || (reach.streamed()
                                                && reach.latest()
                                                        .timeline()
                                                        .equals(furthest.latest().timeline())
                                                && reach.latest()
                                                        .lsn()
                                                        .equals(furthest.latest().lsn())))
                        .toList();
        RecoveryBase oldest =
                within.stream()
                        .map(Reach::base)
                        .min(Comparator.comparing(RecoveryBase::completedAt))
                        .orElseThrow();
        Optional<RecoverableWindow.Proof> proof =
                within.stream()
                        .map(Reach::base)
                        .flatMap(base -> base.proof().stream())
                        .max(Comparator.comparing(RecoverableWindow.Proof::at));
        return new RecoverableWindow(
                oldest.store(),
                oldest.systemIdentifier(),
                endOf(oldest),
                furthest.latest(),
                furthest.streamed(),
                proof);
    }

    private static RecoverableWindow.Point endOf(RecoveryBase base) {
        return new RecoverableWindow.Point(base.timeline(), base.stopLsn(), base.completedAt());
    }

    private Reach reach(RecoveryBase base) {
        return follow(base, base.timeline(), base.walFrom(), base.stopLsn())
                .filter(end -> end.lsn().compareTo(base.stopLsn()) >= 0)
                .map(end -> new Reach(base, point(end, base), true))
                .orElseGet(() -> new Reach(base, endOf(base), false));
    }

    /** A backup is complete a little after its end, so that WAL may know an earlier time. */
    private static RecoverableWindow.Point point(End end, RecoveryBase base) {
        Instant time =
                end.until()
                        .filter(until -> until.isAfter(base.completedAt()))
                        .orElse(base.completedAt());
        return new RecoverableWindow.Point(end.timeline(), end.lsn(), time);
    }

    /**
     * @param position the first byte that is needed
     * @param behind later timelines count if they were begun here or later
     */
    private Optional<End> follow(RecoveryBase base, Timeline timeline, Lsn position, Lsn behind) {
        if (hasDivergedBefore(base, timeline)) {
            return Optional.empty();
        }
        Optional<ArchivedRange> own = wal(base, timeline).flatMap(wal -> wal.from(position));
        Optional<End> best =
                own.map(range -> new End(timeline, range.end(), range.recoverableUntil()));
        for (TimelineSwitch taken : switches) {
            if (isOf(taken, base)
                    && taken.from().equals(timeline)
                    && taken.to().compareTo(timeline) > 0
                    && taken.at().compareTo(behind) >= 0) {
                best = later(best, over(taken, base, position, own));
            }
        }
        return best;
    }

    /**
     * The next timeline's WAL begins with a copy of the segment that the fork lies in: where the
     * old timeline's leads up to that, nothing is missing in between.
     */
    private Optional<End> over(
            TimelineSwitch taken, RecoveryBase base, Lsn position, Optional<ArchivedRange> own) {
        Lsn stored = own.map(ArchivedRange::end).orElse(position);
        boolean joined =
                wal(base, taken.to()).stream()
                        .flatMap(wal -> wal.ranges().stream())
                        .anyMatch(range ->
                                range.reaches(taken.at()) && range.start().compareTo(stored) <= 0);
        return joined ? follow(base, taken.to(), taken.at(), taken.at()) : Optional.empty();
    }

    private static Optional<End> later(Optional<End> one, Optional<End> other) {
        if (one.isEmpty() || other.isEmpty()) {
            return one.or(() -> other);
        }
        // The later timeline: what its server has not told yet, the one before knows.
        End end = other.get();
        return Optional.of(
                new End(
                        end.timeline(),
                        end.lsn(),
                        Join.latest(one.get().until(), end.until(), time -> time)));
    }

    private boolean hasDivergedBefore(RecoveryBase base, Timeline timeline) {
        return gaps.stream()
                .anyMatch(gap ->
                        gap.cause() == WalGapCause.DIVERGED
                                && gap.systemIdentifier().equals(base.systemIdentifier())
                                && gap.timeline().equals(timeline)
                                && gap.detectedAt().isBefore(base.startedAt()));
    }

    private Optional<ArchivedWal> wal(RecoveryBase base, Timeline timeline) {
        return archived.stream()
                .filter(wal ->
                        wal.store().equals(base.store())
                                && wal.systemIdentifier().equals(base.systemIdentifier())
                                && wal.timeline().equals(timeline)
                                && wal.divergence().isEmpty())
                .findFirst();
    }

    private static boolean isOf(TimelineSwitch taken, RecoveryBase base) {
        return taken.systemIdentifier().equals(base.systemIdentifier());
    }
}
