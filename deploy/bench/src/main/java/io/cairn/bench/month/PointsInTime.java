package io.cairn.bench.month;

import io.cairn.bench.SmallServer;
import io.cairn.model.Lsn;
import io.cairn.model.ObjectKey;
import io.cairn.model.StoreName;
import io.cairn.model.backup.BackupLayout;
import io.cairn.model.backup.CommitObject;
import io.cairn.model.wal.LsnRange;
import io.cairn.model.wal.StoredWal;
import io.cairn.model.wal.WalSegment;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;

/**
 * Whether any moment of the point-in-time window can still be reached: from the last backup before
 * it on, no WAL is gone from a region that had it.
 */
final class PointsInTime {

    private final List<Region> regions;
    private final Ledger ledger;
    private final SimulatedClock clock;
    private final Supplier<Duration> window;
    private final Map<StoreName, Map<String, LsnRange>> before = new HashMap<>();

    /**
     * @param window of the policy by now
     */
    PointsInTime(
            List<Region> regions, Ledger ledger, SimulatedClock clock, Supplier<Duration> window) {
        this.regions = List.copyOf(regions);
        this.ledger = ledger;
        this.clock = clock;
        this.window = window;
    }

    /** Each loss is told once. */
    List<Violation> violations() {
        Optional<Lsn> needed = needed();
        List<Violation> violations = new ArrayList<>();
        for (Region region : regions) {
            Map<String, LsnRange> now = new HashMap<>();
            region.bucket()
                    .keys()
                    .forEach(key -> range(key).ifPresent(range -> now.put(key, range)));
            Map<String, LsnRange> last =
                    Optional.ofNullable(before.put(region.name(), now)).orElse(Map.of());
            needed.ifPresent(from -> violations.addAll(lost(region, from, last, now)));
        }
        return violations;
    }

    private List<Violation> lost(
            Region region, Lsn from, Map<String, LsnRange> last, Map<String, LsnRange> now) {
        List<LsnRange> left = LsnRange.merged(now.values());
        return last.entrySet().stream()
                .filter(entry -> !now.containsKey(entry.getKey()))
                .filter(entry -> entry.getValue().end().compareTo(from) > 0)
                .filter(entry -> !isCovered(entry.getValue(), from, left))
                .filter(entry -> ledger.damage(region.name(), entry.getKey()).isEmpty())
                .map(entry ->
                        Invariant.WINDOW.violated(
                                "%s is gone from %s, and recovery begins at %s"
                                        .formatted(entry.getKey(), region, from)))
                .toList();
    }

    private static Optional<LsnRange> range(String key) {
        return StoredWal.of(new ObjectKey(key))
                .flatMap(wal ->
                        switch (wal) {
                            case StoredWal.Segment segment ->
                                    Optional.of(
                                            WalSegment.parse(segment.name(), SmallServer.SEGMENT)
                                                    .range());
                            case StoredWal.Piece piece -> Optional.of(piece.range());
                            case StoredWal.Partial _, StoredWal.History _ -> Optional.empty();
                        });
    }

    /** Where the last backup begins that was complete before the window; else the first one. */
    private Optional<Lsn> needed() {
        Set<CommitObject> backups = new HashSet<>();
        for (Region region : regions) {
            for (String key : region.bucket().keys()) {
                if (BackupLayout.ofAnyCommit(new ObjectKey(key)).isPresent()
                        && ledger.damage(region.name(), key).isEmpty()) {
                    backups.add(
                            CommitObject.fromJson(region.bucket().bytes(key).orElseThrow(), key));
                }
            }
        }
        Instant begin = clock.instant().minus(window.get());
        return backups.stream()
                .filter(backup -> !backup.completedAt().isAfter(begin))
                .map(CommitObject::startLsn)
                .max(Comparator.naturalOrder())
                .or(() ->
                        backups.stream()
                                .map(CommitObject::startLsn)
                                .min(Comparator.naturalOrder()));
    }

    private static boolean isCovered(LsnRange range, Lsn from, List<LsnRange> merged) {
        Lsn start = range.start().compareTo(from) < 0 ? from : range.start();
        return LsnRange.coveredFrom(start, merged).compareTo(range.end()) >= 0;
    }
}
