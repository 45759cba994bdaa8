package io.cairn.local;

import io.cairn.model.BackupKind;
import io.cairn.model.BackupLabel;
import io.cairn.model.RunId;
import io.cairn.model.Tier;
import io.cairn.model.policy.MaintenanceKind;
import java.time.DayOfWeek;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * The requirement's table, in words of our own: what is due in a week, and what has to become of it
 * where the scheduler runs or does not.
 *
 * @param from exclusive
 * @param until inclusive
 * @param outages of the scheduler
 */
record RequiredWeek(Instant from, Instant until, List<Outage> outages) {

    private static final Duration QUARTER = Duration.ofMinutes(15);

    /**
     * @param lastSeen what was due then or before was published
     * @param back when the scheduler runs again
     * @param caughtUp what it then still publishes, as {@code cluster:label}
     */
    record Outage(Instant lastSeen, Instant back, List<String> caughtUp) {

        boolean holds(Instant due) {
            return due.isAfter(lastSeen) && due.isBefore(back);
        }
    }

    /** What is due when, all times UTC. */
    private static boolean isDue(Tier tier, BackupKind kind, ZonedDateTime time) {
        return switch (tier) {
            case OLTP ->
                    switch (kind) {
                        case FULL -> at(time, 2, 0);
                        case INCREMENTAL -> time.getMinute() == 0;
                        case LOG, SNAPSHOT -> false;
                    };
            case CONTENT ->
                    switch (kind) {
                        case FULL -> at(time, 3, 0);
                        case INCREMENTAL -> time.getHour() % 4 == 0 && time.getMinute() == 30;
                        case LOG, SNAPSHOT -> false;
                    };
            case QUEUE ->
                    switch (kind) {
                        case FULL -> at(time, 1, 0);
                        case LOG -> time.getMinute() == 15;
                        case INCREMENTAL, SNAPSHOT -> false;
                    };
            case OLAP ->
                    switch (kind) {
                        case FULL -> at(time, 4, 0);
                        case SNAPSHOT -> isSunday(time) && at(time, 6, 0);
                        case INCREMENTAL, LOG -> false;
                    };
        };
    }

    private static boolean isDue(MaintenanceKind kind, ZonedDateTime time) {
        return switch (kind) {
            case VALIDATION -> at(time, 5, 0);
            case MONITORING_CHECK -> time.getMinute() == 45;
            case RETENTION_CLEANUP -> isSunday(time) && at(time, 8, 0);
            case SYNC_VALIDATION -> isSunday(time) && at(time, 10, 0);
        };
    }

    private static boolean at(ZonedDateTime time, int hour, int minute) {
        return time.getHour() == hour && time.getMinute() == minute;
    }

    private static boolean isSunday(ZonedDateTime time) {
        return time.getDayOfWeek() == DayOfWeek.SUNDAY;
    }

    /** By {@code cluster:label}, what has to be told of the run. */
    SortedMap<String, String> backups() {
        SortedMap<String, String> expected = new TreeMap<>();
        for (SampleCluster cluster : SampleCluster.values()) {
            for (BackupKind kind : BackupKind.values()) {
                quarters()
                        .filter(time -> isDue(cluster.tier(), kind, time))
                        .forEach(time ->
                                expected.put(run(cluster, kind, time), end(cluster, kind, time)));
            }
        }
        return expected;
    }

    private static String run(SampleCluster cluster, BackupKind kind, ZonedDateTime time) {
        return new RunId(cluster.clusterName(), BackupLabel.of(time.toInstant(), kind)).toString();
    }

    private String end(SampleCluster cluster, BackupKind kind, ZonedDateTime time) {
        for (Outage outage : outages) {
            if (outage.holds(time.toInstant())) {
                return outage.caughtUp().contains(run(cluster, kind, time))
                        ? "caught up"
                        : "skipped";
            }
        }
        boolean withItsFull =
                kind != BackupKind.FULL && isDue(cluster.tier(), BackupKind.FULL, time);
        return withItsFull ? "superseded by " + run(cluster, BackupKind.FULL, time) : "scheduled";
    }

    /** When maintenance of the kind is due while the scheduler runs. */
    List<Instant> maintenance(MaintenanceKind kind) {
        return quarters()
                .filter(time -> isDue(kind, time))
                .map(ZonedDateTime::toInstant)
                .filter(due -> outages.stream().noneMatch(outage -> outage.holds(due)))
                .toList();
    }

    private Stream<ZonedDateTime> quarters() {
        Instant first = Instant.ofEpochSecond(Math.floorDiv(from.getEpochSecond(), 900L) * 900L);
        return Stream.iterate(first, time -> !time.isAfter(until), time -> time.plus(QUARTER))
                .filter(time -> time.isAfter(from))
                .map(time -> time.atZone(ZoneOffset.UTC));
    }
}
