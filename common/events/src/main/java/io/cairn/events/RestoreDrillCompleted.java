package io.cairn.events;

import com.fasterxml.jackson.annotation.JsonIgnore;
import io.cairn.model.AttemptId;
import io.cairn.model.ClusterName;
import io.cairn.model.RunId;
import io.cairn.model.StoreName;
import java.time.Duration;
import java.time.Instant;

/**
 * A real server was restored from a backup, booted and read.
 *
 * @param rto time from the plan to the first answered query
 * @param tables tables read in full
 * @param rows rows read
 * @param amcheck whether indexes and heaps were checked by the amcheck extension
 */
public record RestoreDrillCompleted(
        RunId run,
        AttemptId attempt,
        StoreName store,
        Instant startedAt,
        Instant completedAt,
        Duration rto,
        Duration rtoObjective,
        int databases,
        long tables,
        long rows,
        boolean amcheck)
        implements CairnEvent {

    @JsonIgnore
    public ClusterName cluster() {
        return run.cluster();
    }

    @Override
    public String deterministicId() {
        return run + ":" + attempt + ":" + store + ":drilled:" + completedAt;
    }
}
