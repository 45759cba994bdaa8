package io.cairn.events;

import com.fasterxml.jackson.annotation.JsonIgnore;
import io.cairn.model.AttemptId;
import io.cairn.model.ClusterName;
import io.cairn.model.RunId;
import io.cairn.model.StoreName;
import java.time.Instant;

/** No drill could be run; that proves nothing. */
public record DrillSkipped(
        RunId run, AttemptId attempt, StoreName store, Instant skippedAt, String reason)
        implements CairnEvent {

    @JsonIgnore
    public ClusterName cluster() {
        return run.cluster();
    }

    @Override
    public String deterministicId() {
        return run + ":" + attempt + ":" + store + ":drill-skipped:" + skippedAt;
    }
}
