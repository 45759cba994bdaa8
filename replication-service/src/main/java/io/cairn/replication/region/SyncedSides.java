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

/**
 * By every key, length and stored digest, without repairing anything; bytes are read where these
 * differ, the others by {@link io.cairn.replication.sync.SyncValidation}. What neither of two
 * stores has any more is no difference between them: it is told as lost, and would keep a store out
 * of service until its backup expires. Thread-safe.
 */
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
        return new Comparison(
                report.objects(),
                report.missing() + report.damaged() + report.undecided(),
                report.differences().stream()
                        .filter(difference -> difference.kind() != Difference.Kind.LOST)
                        .limit(EXAMPLES)
                        .map(SyncedSides::line)
                        .toList());
    }

    private static String line(Difference difference) {
        return difference.key() + " in store '" + difference.store() + "': " + difference.why();
    }
}
