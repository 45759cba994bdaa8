package io.cairn.events;

import com.fasterxml.jackson.annotation.JsonIgnore;
import io.cairn.model.ClusterName;
import io.cairn.model.RunId;
import io.cairn.model.Tier;
import java.time.Instant;

/**
 * A run gave way to another that covers it: a full beats an incremental or log backup due at the
 * same time.
 */
public record BackupSuperseded(RunId run, Tier tier, RunId supersededBy, Instant supersededAt)
        implements CairnEvent {

    @JsonIgnore
    public ClusterName cluster() {
        return run.cluster();
    }

    @Override
    public String deterministicId() {
        return run + ":superseded";
    }
}
