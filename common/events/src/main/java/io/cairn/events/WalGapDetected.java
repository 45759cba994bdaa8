package io.cairn.events;

import io.cairn.model.ClusterName;
import io.cairn.model.Lsn;
import io.cairn.model.StoreName;
import io.cairn.model.SystemIdentifier;
import io.cairn.model.Tier;
import io.cairn.model.Timeline;
import java.time.Instant;
import java.util.Optional;

/**
 * Stored WAL does not go on where it ended: no recovery from this store leads across {@code from}.
 * A new full backup is requested with it, unless another store has what is missing ({@link
 * WalGapCause#NOT_COPIED}).
 *
 * @param from the first byte that is missing, or that differs
 * @param until where stored WAL goes on; absent where it is not known
 * @param divergence of the folder it goes on in, or is missing in, where it is not the timeline's
 *     own
 */
public record WalGapDetected(
        ClusterName cluster,
        Tier tier,
        SystemIdentifier systemIdentifier,
        Timeline timeline,
        StoreName store,
        WalGapCause cause,
        Lsn from,
        Optional<Lsn> until,
        Optional<String> divergence,
        String reason,
        Instant detectedAt)
        implements CairnEvent {

    @Override
    public String deterministicId() {
        return "%s:%s:%s:gap:%s:%s:%s"
                .formatted(cluster, systemIdentifier, store, cause.id(), timeline.hex(), from);
    }
}
