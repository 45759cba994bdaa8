package io.cairn.executor.wal;

import io.cairn.model.Lsn;
import io.cairn.model.Timeline;
import io.cairn.model.wal.LsnRange;
import io.cairn.model.wal.SegmentSize;
import io.cairn.model.wal.WalFolder;
import io.cairn.model.wal.WalLayout;
import io.cairn.model.wal.WalSegment;
import io.cairn.postgres.wal.TimelineHistory;
import io.cairn.storage.ObjectStore;
import java.time.Duration;
import java.time.InstantSource;
import java.util.function.BiConsumer;

/**
 * Tells once in a session of the gaps that earlier ones came upon, which may have died before the
 * broker had their events: what is missing between stored segments, and lies before everything that
 * the slots still hold. The events have the names that they had, so that nobody takes them for new
 * ones, and the scheduler answers their request for a full but once.
 */
final class EarlierGaps implements Runnable {

    /** No longer than the scheduler remembers what was requested, by default 7 days. */
    private static final Duration TOLD_FOR = Duration.ofDays(6);

    private final ObjectStore store;
    private final WalLayout layout;
    private final TimelineHistory history;
    private final SegmentSize size;
    private final StreamStart start;
    private final InstantSource clock;
    private final BiConsumer<WalFolder, LsnRange> gaps;
    private boolean told;

    EarlierGaps(
            ObjectStore store,
            WalLayout layout,
            TimelineHistory history,
            SegmentSize size,
            StreamStart start,
            InstantSource clock,
            BiConsumer<WalFolder, LsnRange> gaps) {
        this.store = store;
        this.layout = layout;
        this.history = history;
        this.size = size;
        this.start = start;
        this.clock = clock;
        this.gaps = gaps;
    }

    @Override
    public void run() {
        if (told) {
            return;
        }
        StoredSegments stored = StoredSegments.list(store, layout, history, size, 0);
        stored.holesBefore(size.numberOf(start.from())).stream()
                .filter(hole -> start.missing().filter(hole::equals).isEmpty())
                .filter(hole -> isRecent(stored, hole.end()))
                .forEach(hole -> gaps.accept(stored.folder(history.holding(hole.end())), hole));
        told = true;
    }

    /** Whether the stream went on behind the hole not long ago. */
    private boolean isRecent(StoredSegments stored, Lsn end) {
        Timeline timeline = history.holding(end.plus(size.bytes() - 1L));
        WalSegment next = WalSegment.containing(timeline, end, size);
        return store.head(stored.folder(timeline).segment(next))
                .filter(info -> info.lastModified().isAfter(clock.instant().minus(TOLD_FOR)))
                .isPresent();
    }
}
