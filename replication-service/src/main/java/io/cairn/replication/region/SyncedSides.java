package io.cairn.replication.region;

import io.cairn.model.ClusterName;
import io.cairn.storage.ObjectStore;
import io.cairn.sync.Depth;
import io.cairn.sync.Difference;
import io.cairn.sync.StoreSync;
import io.cairn.sync.SyncLimits;
import io.cairn.sync.SyncReport;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;

/** By every key, length and digest, without repairing anything. Thread-safe. */
public final class SyncedSides implements SidesIdentical {

    private static final int EXAMPLES = 20;

    private final SyncLimits limits;
    private final InstantSource clock;

    /**
     * @param settle what was stored within this time may still be on its way
     */
    public SyncedSides(Duration settle, InstantSource clock) {
        SyncLimits usual = SyncLimits.DEFAULT;
        this.limits = new SyncLimits(usual.parallel(), usual.attempts(), usual.pause(), settle);
        this.clock = clock;
    }

    @Override
    public Comparison compare(ClusterName cluster, ObjectStore one, ObjectStore other)
            throws InterruptedException {
        SyncReport report =
                new StoreSync(List.of(one, other), false, limits, clock)
                        .compare(cluster, Depth.DIGESTS);
        long differences = report.missing() + report.damaged() + report.lost() + report.undecided();
        return new Comparison(
                report.objects(),
                differences,
                report.differences().stream().limit(EXAMPLES).map(SyncedSides::line).toList());
    }

    private static String line(Difference difference) {
        return difference.key() + " in store '" + difference.store() + "': " + difference.why();
    }
}
