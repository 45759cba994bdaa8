package io.cairn.events;

import com.fasterxml.jackson.annotation.JsonIgnore;
import io.cairn.model.ClusterName;
import io.cairn.model.RunId;
import io.cairn.model.Tier;
import java.time.Instant;
import java.util.Optional;

/**
 * A run gave way to another that covers it: a full beats an incremental or log backup due at the
 * same time, and where an incremental cannot be taken, an executor takes a backup of another kind
 * instead.
 *
 * @param reason why the executor took another kind; absent where both were due
 */
public record BackupSuperseded(
        RunId run, Tier tier, RunId supersededBy, Instant supersededAt, Optional<String> reason)
        implements CairnEvent {

    /** Of two runs that were due. */
    public BackupSuperseded(RunId run, Tier tier, RunId supersededBy, Instant supersededAt) {
        this(run, tier, supersededBy, supersededAt, Optional.empty());
    }

    @JsonIgnore
    public ClusterName cluster() {
        return run.cluster();
    }

    @Override
    public String deterministicId() {
        return run + ":superseded";
    }
}
