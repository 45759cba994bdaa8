package io.cairn.events;

import com.fasterxml.jackson.annotation.JsonIgnore;
import io.cairn.model.ClusterName;
import io.cairn.model.RunId;
import io.cairn.model.Tier;
import java.time.Instant;

/** A run did not start before its deadline. */
public record BackupSkipped(RunId run, Tier tier, Instant skippedAt, String reason)
        implements CairnEvent {

    @JsonIgnore
    public ClusterName cluster() {
        return run.cluster();
    }

    @Override
    public String deterministicId() {
        return run + ":skipped";
    }
}
