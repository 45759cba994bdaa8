package io.cairn.replication.wal;

import io.cairn.events.WalGapDetected;
import io.cairn.model.error.CairnException;
import io.cairn.replication.copy.CopyMeters;
import io.cairn.replication.copy.Patience;
import io.cairn.replication.copy.Transfers;
import io.cairn.replication.lag.LagTracker;
import io.cairn.replication.route.StorePair;
import io.cairn.service.events.EventPublisher;
import io.cairn.storage.ObjectStore;
import io.micrometer.core.instrument.composite.CompositeMeterRegistry;
import java.time.Duration;
import java.time.InstantSource;

/**
 * Makes a cluster's WAL the same in two stores, on request: what the replication service does all
 * the time, without the service around it. For one thread.
 */
public final class WalComparison {

    private final PairCopies copies;

    /**
     * @param parallel objects on their way into one store at once
     * @param events is told of WAL that could not be copied ({@link WalGapDetected})
     */
    public WalComparison(
            StorePair pair,
            ObjectStore first,
            ObjectStore second,
            int parallel,
            LagTracker lag,
            EventPublisher events,
            InstantSource clock) {
        copies =
                new PairCopies(
                        pair,
                        new RootCopies.Ways(
                                into(first, parallel), into(second, parallel), parallel),
                        new Patience(Duration.ofSeconds(1), Duration.ofSeconds(1)),
                        Duration.ofHours(1),
                        Duration.ofHours(1),
                        new PairCopies.Telling(events, lag, clock));
    }

    private static RootCopies.Way into(ObjectStore store, int parallel) {
        return new RootCopies.Way(
                new WalObjects(new Transfers(store, parallel)),
                new CopyMeters(new CompositeMeterRegistry(), store.name()));
    }

    /**
     * Compares everything and copies what one of the stores lacks.
     *
     * @throws CairnException a {@code STORE_…} code, if one of them cannot be used now; what was
     *     copied stays
     */
    public void run() throws InterruptedException {
        copies.compareAll();
    }
}
