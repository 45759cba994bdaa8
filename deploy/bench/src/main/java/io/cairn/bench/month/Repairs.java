package io.cairn.bench.month;

import io.cairn.model.error.CairnException;
import io.cairn.storage.ObjectStore;
import io.cairn.sync.Depth;
import io.cairn.sync.StoreSync;
import io.cairn.sync.SyncLimits;
import io.cairn.sync.SyncReport;
import java.time.Duration;
import java.util.Collection;
import java.util.List;

/** The comparison of all stores, every byte of them, which repairs what it can. */
final class Repairs {

    private static final SyncLimits LIMITS =
            new SyncLimits(4, 3, Duration.ofMillis(5), Duration.ofMinutes(10));

    private final StoreSync sync;

    Repairs(Collection<ObjectStore> stores, SimulatedClock clock) {
        sync = new StoreSync(List.copyOf(stores), true, LIMITS, clock);
    }

    /** In a few words. */
    String round() throws InterruptedException {
        try {
            SyncReport report = sync.compare(Source.CLUSTER, Depth.EVERYTHING);
            return "compared %d objects: %d missing, %d damaged, %d repaired, %d lost, %d undecided"
                    .formatted(
                            report.objects(),
                            report.missing(),
                            report.damaged(),
                            report.repaired(),
                            report.lost(),
                            report.undecided());
        } catch (CairnException e) {
            return "not compared: " + e.code();
        }
    }
}
