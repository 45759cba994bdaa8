package io.cairn.executor.basebackup;

import io.cairn.model.Lsn;
import io.cairn.model.ObjectKey;
import io.cairn.model.Timeline;
import io.cairn.model.backup.ClusterRoot;
import io.cairn.model.wal.LsnRange;
import io.cairn.model.wal.StoredWal;
import io.cairn.model.wal.WalLayout;
import io.cairn.model.wal.WalSegment;
import io.cairn.storage.ObjectStore;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Finds by listing how far a store holds a server's WAL without a hole, whoever streams it: whole
 * segments and pieces, along the server's timelines.
 */
final class StoredWalEnd {

    private final ObjectStore store;
    private final WalLayout layout;
    private final WalPosition server;

    StoredWalEnd(ObjectStore store, ClusterRoot root, WalPosition server) {
        this.store = store;
        this.layout = new WalLayout(root);
        this.server = server;
    }

    /** The first byte behind {@code start} that is not stored; {@code start} if nothing is. */
    Lsn after(Lsn start) {
        List<LsnRange> ranges = new ArrayList<>();
        for (Timeline timeline : server.history().from(start)) {
            list(timeline, start, stored -> range(stored).ifPresent(ranges::add));
        }
        return LsnRange.coveredFrom(start, LsnRange.merged(ranges));
    }

    /** What a timeline has behind its fork never belonged to this server. */
    private Optional<LsnRange> range(StoredWal stored) {
        return switch (stored) {
            case StoredWal.Segment segment ->
                    cut(WalSegment.parse(segment.name(), server.size()).range(), stored);
            case StoredWal.Partial partial ->
                    cut(WalSegment.parse(partial.name(), server.size()).range(), stored);
            case StoredWal.Piece piece -> cut(piece.range(), stored);
            case StoredWal.History _ -> Optional.empty();
        };
    }

    private Optional<LsnRange> cut(LsnRange range, StoredWal stored) {
        Optional<Lsn> fork = server.history().switchPoint(stored.timeline());
        Lsn end = fork.filter(it -> it.compareTo(range.end()) < 0).orElse(range.end());
        return range.start().compareTo(end) < 0
                ? Optional.of(new LsnRange(range.start(), end))
                : Optional.empty();
    }

    /** Also where the timeline diverged: both are kept. */
    private void list(Timeline timeline, Lsn start, Consumer<StoredWal> consumer) {
        WalSegment first = WalSegment.containing(timeline, start, server.size());
        list(layout.walPrefix(timeline), Optional.of(layout.before(first)), consumer);
        list(layout.piecesPrefix(timeline), Optional.of(layout.beforePieces(first)), consumer);
        list(layout.walPrefix() + timeline.hex() + "~", Optional.empty(), consumer);
        list(layout.piecesPrefix() + timeline.hex() + "~", Optional.empty(), consumer);
    }

    private void list(String prefix, Optional<ObjectKey> from, Consumer<StoredWal> consumer) {
        store.list(prefix, from).forEach(object -> StoredWal.of(object.key()).ifPresent(consumer));
    }
}
