package io.cairn.executor.wal;

import io.cairn.model.Lsn;
import io.cairn.model.wal.SegmentSize;
import io.cairn.model.wal.WalLayout;
import io.cairn.postgres.wal.ReplicationSlot;
import io.cairn.postgres.wal.TimelineHistory;
import io.cairn.storage.ObjectStore;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * Advances the slot that nobody streams from to what the stores hold without a hole, so that the
 * server keeps what any of them may still need: a stream that has to go on in another store finds
 * its WAL there. Standbys get both slots, and have them advanced likewise: the one that is promoted
 * has what the stream goes on with.
 *
 * <p>{@link #run} is one round; for one thread.
 */
final class RetainedSlot implements Runnable {

    private final WalTarget target;
    private final List<ObjectStore> stores;
    private final WalSource source;
    private final WalLayout layout;
    private final TimelineHistory history;
    private final SegmentSize size;
    private final Supplier<Lsn> streamed;
    private Optional<Lsn> advanced = Optional.empty();

    /**
     * @param stores that are to hold what is let go
     * @param streamed up to where the active store holds the stream's WAL
     */
    RetainedSlot(
            WalTarget target,
            List<ObjectStore> stores,
            WalSource source,
            WalLayout layout,
            TimelineHistory history,
            SegmentSize size,
            Supplier<Lsn> streamed) {
        this.target = target;
        this.stores = stores;
        this.source = source;
        this.layout = layout;
        this.history = history;
        this.size = size;
        this.streamed = streamed;
    }

    @Override
    public void run() {
        Optional<Lsn> known = advanced;
        if (known.isEmpty() || !everywhere(known.get()).equals(known.get())) {
            try (WalConnection primary = source.connect(target.slots().retained())) {
                advanced = Optional.of(advance(primary));
            }
        }
        for (WalConnection standby : source.connectToStandbys(target.slots().retained())) {
            try (standby) {
                advance(standby);
                standby.ensureSlot(target.slots().streaming());
                standby.advance(target.slots().streaming(), streamed.get());
            }
        }
    }

    private Lsn advance(WalConnection server) {
        ReplicationSlot slot = server.ensureSlot(target.slots().retained());
        Lsn to = everywhere(size.startOf(slot.restartLsn().orElseThrow()));
        if (to.compareTo(slot.restartLsn().get()) > 0) {
            server.advance(slot.name(), to);
        }
        return to;
    }

    /** What each of the stores holds from the segment at {@code from} on. */
    private Lsn everywhere(Lsn from) {
        long number = size.numberOf(from);
        long least = Long.MAX_VALUE;
        for (ObjectStore store : stores) {
            StoredSegments stored = StoredSegments.list(store, layout, history, size, number);
            least = Math.min(least, stored.firstMissing(number));
        }
        return new Lsn(least * size.bytes());
    }
}
