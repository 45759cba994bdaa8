package io.cairn.sync;

import io.cairn.model.ClusterName;
import io.cairn.model.ObjectKey;
import io.cairn.model.StoreName;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Counts what a comparison finds. Thread-safe. */
final class Tally {

    private long objects;
    private long bytesCompared;
    private long bytesRead;
    private long pending;
    private long repaired;
    private final Map<Difference.Kind, Long> found = new EnumMap<>(Difference.Kind.class);
    private final Set<ObjectKey> lost = new HashSet<>();
    private final Set<ObjectKey> undecided = new HashSet<>();
    private final List<Difference> differences = new ArrayList<>();

    synchronized void compared(long bytes) {
        objects++;
        bytesCompared += bytes;
    }

    synchronized void read(long bytes) {
        bytesRead += bytes;
    }

    synchronized void pending() {
        pending++;
    }

    synchronized void add(Difference difference) {
        switch (difference.kind()) {
            case MISSING, DAMAGED -> found.merge(difference.kind(), 1L, Long::sum);
            case LOST -> lost.add(difference.key());
            case UNDECIDED -> undecided.add(difference.key());
        }
        if (difference.repaired()) {
            repaired++;
        }
        if (differences.size() < SyncReport.DIFFERENCES_MAX) {
            differences.add(difference);
        }
    }

    synchronized SyncReport report(
            ClusterName cluster, List<StoreName> stores, Instant from, Instant to) {
        return new SyncReport(
                cluster,
                stores,
                from,
                to,
                objects,
                bytesCompared,
                bytesRead,
                pending,
                found.getOrDefault(Difference.Kind.MISSING, 0L),
                found.getOrDefault(Difference.Kind.DAMAGED, 0L),
                repaired,
                lost.size(),
                undecided.size(),
                differences);
    }
}
