package io.cairn.executor.wal;

import io.cairn.model.Lsn;
import io.cairn.model.error.CairnException;
import io.cairn.model.wal.SegmentSize;
import io.cairn.model.wal.WalLayout;
import io.cairn.postgres.wal.ReplicationSlot;
import io.cairn.postgres.wal.TimelineHistory;
import io.cairn.storage.ObjectStore;
import java.util.Optional;
import org.jboss.logging.Logger;

/**
 * Advances the slot that nobody streams from to what every store of the policy holds without a
 * hole, so that the server keeps what any of them may still need: a stream that has to go on in
 * another store finds its WAL there.
 */
final class RetainedSlot {

    private static final Logger LOG = Logger.getLogger(RetainedSlot.class);

    private final WalTarget target;
    private final WalSource source;
    private final WalLayout layout;
    private final TimelineHistory history;
    private final SegmentSize size;
    private final WalSettings settings;
    private Optional<Lsn> advanced = Optional.empty();
    private String lastFailure = "";

    RetainedSlot(
            WalTarget target,
            WalSource source,
            WalLayout layout,
            TimelineHistory history,
            SegmentSize size,
            WalSettings settings) {
        this.target = target;
        this.source = source;
        this.layout = layout;
        this.history = history;
        this.size = size;
        this.settings = settings;
    }

    /** Until it is interrupted. */
    void run() {
        try {
            while (true) {
                Thread.sleep(settings.retainedEvery());
                try {
                    advance();
                    lastFailure = "";
                } catch (CairnException e) {
                    if (Thread.interrupted()) {
                        return;
                    }
                    log(e);
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void log(CairnException failure) {
        String line = failure.code() + ": " + failure.messageWithHint();
        if (!line.equals(lastFailure)) {
            lastFailure = line;
            LOG.warnf("Slot %s stays where it is: %s", target.slots().retained(), line);
        }
    }

    private void advance() {
        Optional<Lsn> known = advanced;
        if (known.isPresent() && everywhere(known.get()).equals(known.get())) {
            return;
        }
        try (WalConnection connection = source.connect()) {
            ReplicationSlot slot = connection.ensureSlot(target.slots().retained());
            Lsn from = size.startOf(slot.restartLsn().orElseThrow());
            Lsn to = everywhere(from);
            if (to.compareTo(slot.restartLsn().get()) > 0) {
                connection.advance(slot.name(), to);
            }
            advanced = Optional.of(to);
        }
    }

    /** What every store holds from the segment at {@code from} on. */
    private Lsn everywhere(Lsn from) {
        long number = size.numberOf(from);
        long least = Long.MAX_VALUE;
        for (ObjectStore store : target.stores()) {
            StoredSegments stored = StoredSegments.list(store, layout, history, size, number);
            least = Math.min(least, stored.firstMissing(number));
        }
        return new Lsn(least * size.bytes());
    }
}
