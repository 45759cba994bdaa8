package io.cairn.catalog.retention;

import io.cairn.catalog.retention.History.Fork;
import io.cairn.catalog.retention.History.PastTimeline;
import io.cairn.model.Lsn;
import io.cairn.model.Timeline;
import io.cairn.model.wal.SegmentSize;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * The ways that may lead to a timeline. Where it is known which timeline it left, there is one;
 * where it is not, every older one may be it, left no later than where the first of its own WAL is
 * stored.
 */
final class Lineages {

    private final SortedMap<Timeline, PastTimeline> timelines;
    private final SegmentSize size;
    private final SortedMap<Timeline, Lsn> begins = new TreeMap<>();

    Lineages(History history) {
        this.size = history.segmentSize();
        this.timelines = history.timelines();
        timelines
                .values()
                .forEach(past -> past.first().ifPresent(lsn -> begins.put(past.timeline(), lsn)));
        history.backups()
                .forEach(backup ->
                        begins.merge(backup.timeline(), backup.startLsn(), Lineages::lower));
    }

    private static Lsn lower(Lsn one, Lsn other) {
        return one.compareTo(other) <= 0 ? one : other;
    }

    /**
     * A timeline on the way to another.
     *
     * @param until a base on it must end by here; absent on the last
     * @param mayBeUntil and may, since nobody knows where exactly it was left, end by here
     * @param to what is stored from here on is not on the way; absent if that is not known
     */
    record Leg(Timeline timeline, Optional<Lsn> until, Optional<Lsn> mayBeUntil, Optional<Lsn> to) {

        static Leg last(Timeline timeline) {
            return new Leg(timeline, Optional.empty(), Optional.empty(), Optional.empty());
        }

        static Leg left(Fork fork) {
            Optional<Lsn> at = Optional.of(fork.at());
            return new Leg(fork.parent(), at, at, at);
        }

        /** Only its WAL may be on the way. */
        static Leg passed(Timeline timeline) {
            Optional<Lsn> nowhere = Optional.of(new Lsn(0));
            return new Leg(timeline, nowhere, nowhere, Optional.empty());
        }

        /** Left somewhere within a segment's length of {@code about}. */
        static Leg leftAbout(Timeline timeline, Lsn about, SegmentSize size) {
            Lsn before = size.startOf(about);
            Lsn after = before.plus(size.bytes());
            return new Leg(timeline, Optional.of(before), Optional.of(after), Optional.empty());
        }

        boolean leadsFrom(Lsn stop) {
            return until.filter(end -> stop.compareTo(end) > 0).isEmpty();
        }

        boolean mayLeadFrom(Lsn stop) {
            return !leadsFrom(stop) && mayBeUntil.filter(end -> stop.compareTo(end) > 0).isEmpty();
        }
    }

    /** From the oldest to {@code timeline} itself. */
    List<List<Leg>> of(Timeline timeline) {
        List<Leg> known = new ArrayList<>();
        known.add(Leg.last(timeline));
        Timeline oldest = timeline;
        Optional<Fork> fork = fork(oldest);
        while (fork.isPresent()) {
            oldest = fork.get().parent();
            known.addFirst(Leg.left(fork.get()));
            fork = fork(oldest);
        }
        List<List<Leg>> lineages = new ArrayList<>();
        lineages.add(List.copyOf(known));
        for (Timeline older : begins.headMap(oldest).keySet()) {
            List<Leg> guessed = new ArrayList<>();
            guessed.add(Leg.leftAbout(older, leftBy(older, oldest), size));
            between(older, oldest).forEach(maybe -> guessed.add(Leg.passed(maybe)));
            guessed.addAll(known);
            lineages.add(List.copyOf(guessed));
        }
        return List.copyOf(lineages);
    }

    /**
     * Where {@code older} was left at the latest on an unknown way to {@code later}: not behind the
     * begin of any timeline that may lie between.
     */
    private Lsn leftBy(Timeline older, Timeline later) {
        return Stream.concat(between(older, later).stream(), Stream.of(later))
                .flatMap(timeline -> Optional.ofNullable(begins.get(timeline)).stream())
                .min(Comparator.naturalOrder())
                .orElse(new Lsn(-1));
    }

    private List<Timeline> between(Timeline older, Timeline later) {
        return begins.keySet().stream()
                .filter(timeline -> timeline.compareTo(older) > 0 && timeline.compareTo(later) < 0)
                .toList();
    }

    private Optional<Fork> fork(Timeline timeline) {
        return Optional.ofNullable(timelines.get(timeline))
                .flatMap(PastTimeline::fork)
                // A timeline's number is higher than its parent's: anything else would go in
                // circles.
                .filter(fork -> fork.parent().compareTo(timeline) < 0);
    }

    /** The timelines that left {@code parent} between two positions. */
    List<Map.Entry<Timeline, Lsn>> leaving(Timeline parent, Lsn from, Lsn to) {
        return timelines.values().stream()
                .flatMap(child ->
                        child
                                .fork()
                                .filter(fork ->
                                        fork.parent().equals(parent)
                                                && fork.at().compareTo(from) >= 0
                                                && fork.at().compareTo(to) <= 0)
                                .map(fork -> Map.entry(child.timeline(), fork.at()))
                                .stream())
                .toList();
    }
}
