package io.cairn.catalog.wal;

import io.cairn.catalog.fact.Fact;
import io.cairn.catalog.fact.Join;
import io.cairn.events.WalGapCause;
import io.cairn.events.WalGapDetected;
import io.cairn.model.ClusterName;
import io.cairn.model.Lsn;
import io.cairn.model.StoreName;
import io.cairn.model.SystemIdentifier;
import io.cairn.model.Timeline;
import java.time.Instant;
import java.util.Optional;

/**
 * Stored WAL that does not go on where it ended.
 *
 * @param from the first byte that is missing, or that differs
 * @param until where stored WAL goes on; absent where it is not known
 * @param divergence of the folder it goes on in, where bytes differ
 * @param detectedAt when it was first told
 */
public record WalGap(
        ClusterName cluster,
        SystemIdentifier systemIdentifier,
        StoreName store,
        Timeline timeline,
        WalGapCause cause,
        Lsn from,
        Optional<Lsn> until,
        Optional<String> divergence,
        String reason,
        Instant detectedAt)
        implements Fact<WalGap> {

    public WalGap {
        detectedAt = Join.micros(detectedAt);
    }

    public static WalGap of(WalGapDetected event) {
        return new WalGap(
                event.cluster(),
                event.systemIdentifier(),
                event.store(),
                event.timeline(),
                event.cause(),
                event.from(),
                event.until(),
                event.divergence(),
                event.reason(),
                event.detectedAt());
    }

    @Override
    public String id() {
        return "%s:%s:%s:%s:%s:%s"
                .formatted(cluster, systemIdentifier, store, timeline.hex(), from, cause.id());
    }

    @Override
    public WalGap join(WalGap other) {
        return Join.earliest(Optional.of(this), Optional.of(other), WalGap::detectedAt)
                .orElseThrow();
    }
}
