package io.cairn.executor.wal;

import io.cairn.model.Lsn;
import io.cairn.model.ObjectKey;
import io.cairn.model.Timeline;
import io.cairn.model.wal.LsnRange;
import io.cairn.model.wal.SegmentSize;
import io.cairn.model.wal.StoredWal;
import io.cairn.model.wal.WalFolder;
import io.cairn.model.wal.WalLayout;
import io.cairn.postgres.wal.TimelineHistory;
import io.cairn.storage.ObjectStore;
import java.util.Optional;

/**
 * Finds where a stream has to begin: nothing is remembered, everything is read from the store.
 *
 * <p>What the slots hold bounds what is listed: segments before the oldest position that a slot
 * holds cannot be fetched again, so that it does not matter whether one of them is missing. Only
 * the one next to it does.
 */
final class StartFinder {

    private final ObjectStore store;
    private final WalLayout layout;
    private final SegmentSize size;

    StartFinder(ObjectStore store, WalLayout layout, SegmentSize size) {
        this.store = store;
        this.layout = layout;
        this.size = size;
    }

    /**
     * What the server has.
     *
     * @param history of its timeline
     * @param streaming {@code restart_lsn} of the slot that is streamed from
     * @param retained {@code restart_lsn} of the other
     * @param flushed end of its WAL
     * @param removed whether it has refused WAL from before the slots' positions: there is none
     */
    record Server(
            TimelineHistory history, Lsn streaming, Lsn retained, Lsn flushed, boolean removed) {

        Lsn oldest() {
            return streaming.compareTo(retained) < 0 ? streaming : retained;
        }
    }

    StreamStart find(Server server) {
        long oldest = size.numberOf(server.oldest());
        StoredSegments stored = list(server, Math.max(0, oldest - 1));
        long needed = stored.firstMissing(oldest);
        Optional<LsnRange> missing = Optional.empty();
        if (needed == oldest && oldest > 0 && !stored.holds(oldest - 1)) {
            // Either nothing was ever stored, or the slots begin behind what comes next.
            stored = list(server, 0);
            Optional<Long> last = stored.lastBefore(oldest);
            if (last.isPresent()) {
                long next = last.get() + 1;
                if (server.removed()) {
                    missing = Optional.of(new LsnRange(stored.start(next), stored.start(oldest)));
                } else {
                    // No slot holds it, and yet it may not have been removed.
                    needed = next;
                }
            }
        }
        return start(server, stored, needed, missing);
    }

    private StoredSegments list(Server server, long from) {
        return StoredSegments.list(store, layout, server.history(), size, from);
    }

    private StreamStart start(
            Server server, StoredSegments stored, long needed, Optional<LsnRange> missing) {
        Timeline timeline = timeline(server.history(), stored, needed);
        // The slot has been told no further than this; if the server was set back to an earlier
        // state, so was the slot, and what comes from there on differs from what is stored.
        long begin =
                Math.min(
                        needed,
                        Math.min(
                                size.numberOf(server.streaming()),
                                size.numberOf(server.flushed())));
        if (!server.history().holding(stored.start(begin)).equals(timeline)) {
            begin = needed;
        }
        WalFolder folder = stored.folder(timeline);
        Optional<Lsn> fork = server.history().switchPoint(timeline);
        Optional<StoredWal.Piece> piece = newestPiece(folder, stored.start(needed), fork);
        boolean rewound =
                fork.isEmpty()
                        && (piece.filter(it -> it.range().end().compareTo(server.flushed()) > 0)
                                        .isPresent()
                                || stored.start(needed).compareTo(server.flushed()) > 0);
        return new StreamStart(
                folder,
                stored.start(begin),
                stored.start(needed),
                server.streaming(),
                rewound ? Optional.empty() : piece,
                missing,
                rewound);
    }

    /**
     * The timeline to read a segment from: a fork in it is passed when the part before is stored.
     */
    private Timeline timeline(TimelineHistory history, StoredSegments stored, long number) {
        Timeline timeline = history.holding(stored.start(number));
        Optional<Lsn> fork = history.switchPoint(timeline);
        while (fork.isPresent()
                && size.numberOf(fork.get()) == number
                && stored.holdsPartial(timeline, number)) {
            timeline = next(history, timeline);
            fork = history.switchPoint(timeline);
        }
        return timeline;
    }

    private static Timeline next(TimelineHistory history, Timeline timeline) {
        return history.forks().stream()
                .map(TimelineHistory.Fork::timeline)
                .filter(later -> later.compareTo(timeline) > 0)
                .findFirst()
                .orElse(history.timeline());
    }

    /** What was stored of an old timeline beyond its fork is of no account. */
    private Optional<StoredWal.Piece> newestPiece(WalFolder folder, Lsn from, Optional<Lsn> fork) {
        Newest newest = new Newest();
        String last = "%016X".formatted(from.plus(-1).bits());
        // Names begin with the piece's first byte, and '~' is behind every digit.
        Optional<ObjectKey> after =
                from.bits() == 0
                        ? Optional.empty()
                        : Optional.of(new ObjectKey(folder.piecesPrefix() + last + "~"));
        store.list(folder.piecesPrefix(), after)
                .forEach(info ->
                        StoredWal.of(info.key())
                                .filter(StoredWal.Piece.class::isInstance)
                                .map(StoredWal.Piece.class::cast)
                                .filter(piece ->
                                        fork.filter(end -> piece.range().end().compareTo(end) > 0)
                                                .isEmpty())
                                .ifPresent(newest::see));
        return newest.piece;
    }

    private static final class Newest {
        private Optional<StoredWal.Piece> piece = Optional.empty();

        void see(StoredWal.Piece seen) {
            if (piece.filter(it -> it.range().end().compareTo(seen.range().end()) >= 0).isEmpty()) {
                piece = Optional.of(seen);
            }
        }
    }
}
