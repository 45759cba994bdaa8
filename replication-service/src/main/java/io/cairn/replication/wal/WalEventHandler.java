package io.cairn.replication.wal;

import io.cairn.events.EventEnvelope;
import io.cairn.events.TimelineSwitched;
import io.cairn.events.WalArchived;
import io.cairn.events.WalGapDetected;
import io.cairn.model.ClusterName;
import io.cairn.model.StoreName;
import io.cairn.service.intake.Delivery;
import io.cairn.service.intake.Handler;
import io.cairn.service.intake.Outcome;
import java.util.List;
import java.util.function.Consumer;

/**
 * Tells those who copy WAL that there is more. Only a hint: they look now and then anyway, so that
 * losing one costs time and nothing else.
 */
final class WalEventHandler implements Handler {

    private final List<PairCopies> pairs;

    WalEventHandler(List<PairCopies> pairs) {
        this.pairs = List.copyOf(pairs);
    }

    @Override
    public Outcome handle(EventEnvelope<?> event, Delivery delivery) {
        switch (event.data()) {
            case WalArchived wal ->
                    each(wal.cluster(), wal.store(), pair -> pair.stored(wal, event));
            case TimelineSwitched taken ->
                    each(taken.cluster(), taken.store(), PairCopies::changed);
            case WalGapDetected gap -> each(gap.cluster(), gap.store(), PairCopies::changed);
            // Of no concern to what is copied.
            default -> {}
        }
        return Outcome.done();
    }

    private void each(ClusterName cluster, StoreName store, Consumer<PairCopies> what) {
        pairs.stream()
                .filter(copies ->
                        copies.pair().cluster().equals(cluster) && copies.pair().has(store))
                .forEach(what);
    }
}
