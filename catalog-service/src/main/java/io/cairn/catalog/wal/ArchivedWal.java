package io.cairn.catalog.wal;

import io.cairn.catalog.fact.Fact;
import io.cairn.catalog.fact.Join;
import io.cairn.events.WalArchived;
import io.cairn.model.ClusterName;
import io.cairn.model.Lsn;
import io.cairn.model.StoreName;
import io.cairn.model.SystemIdentifier;
import io.cairn.model.Timeline;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * What is known to be stored of one timeline in one store. The union of all that was told.
 *
 * @param divergence of the folder it lies in, where it is not the timeline's own
 * @param ranges by position, none touching another; between two of them WAL is missing
 * @param archivedAt when it was last told
 */
public record ArchivedWal(
        ClusterName cluster,
        SystemIdentifier systemIdentifier,
        StoreName store,
        Timeline timeline,
        Optional<String> divergence,
        List<ArchivedRange> ranges,
        Instant archivedAt)
        implements Fact<ArchivedWal> {

    public ArchivedWal {
        ranges = List.copyOf(ranges);
        archivedAt = Join.micros(archivedAt);
    }

    public static ArchivedWal of(WalArchived event) {
        return new ArchivedWal(
                event.cluster(),
                event.systemIdentifier(),
                event.store(),
                event.timeline(),
                event.divergence(),
                List.of(
                        new ArchivedRange(
                                event.start(),
                                event.end(),
                                event.recoverableUntil(),
                                event.synchronousAt())),
                event.archivedAt());
    }

    @Override
    public String id() {
        return "%s:%s:%s:%s%s"
                .formatted(
                        cluster,
                        systemIdentifier,
                        store,
                        timeline.hex(),
                        divergence.map("~"::concat).orElse(""));
    }

    @Override
    public ArchivedWal join(ArchivedWal other) {
        return new ArchivedWal(
                cluster,
                systemIdentifier,
                store,
                timeline,
                divergence,
                ArchivedRange.union(ranges, other.ranges),
                Join.later(archivedAt, other.archivedAt, time -> time));
    }

    /** The range in which one can go on from {@code position}. */
    public Optional<ArchivedRange> from(Lsn position) {
        // Of two that both reach it there is none: they would touch.
        return ranges.stream().filter(range -> range.reaches(position)).findFirst();
    }

    /** What of it is still stored, when {@code found} is all that is. */
    ArchivedWal within(ArchivedWal found) {
        List<ArchivedRange> left =
                ranges.stream()
                        .flatMap(range ->
                                found.ranges.stream()
                                        .flatMap(there -> range.within(there).stream()))
                        .toList();
        return new ArchivedWal(
                cluster, systemIdentifier, store, timeline, divergence, left, archivedAt);
    }

    /** Whether nothing new is told with {@code other}. */
    public boolean covers(ArchivedWal other) {
        return join(other).ranges.equals(ranges);
    }
}
