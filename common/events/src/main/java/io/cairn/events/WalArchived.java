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
 * A stream's WAL lies in a store without a hole from {@code start} to {@code end}. Told every few
 * seconds at most, for a cluster that writes nothing as well: its position stands still, and {@code
 * recoverableUntil} moves on.
 *
 * @param divergence of the folder it lies in, where it is not the timeline's own
 * @param start where the stream began
 * @param recoverableUntil everything that was committed until then is in the store; absent while
 *     the stream is still behind its server
 * @param synchronousAt when the server was last seen to let commits wait for this stream, which
 *     then loses none; absent where it does not
 */
public record WalArchived(
        ClusterName cluster,
        Tier tier,
        SystemIdentifier systemIdentifier,
        Timeline timeline,
        Optional<String> divergence,
        StoreName store,
        Lsn start,
        Lsn end,
        Optional<Instant> recoverableUntil,
        Optional<Instant> synchronousAt,
        Instant archivedAt)
        implements CairnEvent {

    /** Of WAL that no commit waits for. */
    public WalArchived(
            ClusterName cluster,
            Tier tier,
            SystemIdentifier systemIdentifier,
            Timeline timeline,
            Optional<String> divergence,
            StoreName store,
            Lsn start,
            Lsn end,
            Optional<Instant> recoverableUntil,
            Instant archivedAt) {
        this(
                cluster,
                tier,
                systemIdentifier,
                timeline,
                divergence,
                store,
                start,
                end,
                recoverableUntil,
                Optional.empty(),
                archivedAt);
    }

    @Override
    public String deterministicId() {
        return "%s:%s:%s:wal:%s%s:%s:%s"
                .formatted(
                        cluster,
                        systemIdentifier,
                        store,
                        timeline.hex(),
                        divergence.map("~"::concat).orElse(""),
                        end,
                        recoverableUntil.map(Instant::toString).orElse("behind"));
    }
}
