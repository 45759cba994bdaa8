package io.cairn.catalog.cluster.rest;

import io.cairn.catalog.wal.ArchivedRange;
import io.cairn.catalog.wal.ArchivedWal;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * One timeline's WAL in one store.
 *
 * @param divergence of the folder it lies in, where it is not the timeline's own
 * @param ranges without a hole each; between two of them WAL is missing
 * @param archivedAt when it was last told
 */
record WalView(
        String store,
        String systemIdentifier,
        int timeline,
        Optional<String> divergence,
        List<RangeView> ranges,
        Instant archivedAt) {

    /**
     * Stored WAL without a hole.
     *
     * @param recoverableUntil everything committed until then lies before its end
     */
    record RangeView(String start, String end, Optional<Instant> recoverableUntil) {

        static RangeView of(ArchivedRange range) {
            return new RangeView(
                    range.start().toString(), range.end().toString(), range.recoverableUntil());
        }
    }

    static WalView of(ArchivedWal wal) {
        return new WalView(
                wal.store().value(),
                wal.systemIdentifier().toString(),
                wal.timeline().id(),
                wal.divergence(),
                wal.ranges().stream().map(RangeView::of).toList(),
                wal.archivedAt());
    }
}
