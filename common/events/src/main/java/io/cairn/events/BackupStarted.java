package io.cairn.events;

import com.fasterxml.jackson.annotation.JsonIgnore;
import io.cairn.model.AttemptId;
import io.cairn.model.ClusterName;
import io.cairn.model.RunId;
import io.cairn.model.StoreName;
import io.cairn.model.Tier;
import java.time.Instant;

/**
 * An executor holds the cluster's lock and streams.
 *
 * @param store where it writes
 * @param executor which process
 */
public record BackupStarted(
        RunId run,
        Tier tier,
        AttemptId attempt,
        StoreName store,
        String executor,
        Instant startedAt)
        implements CairnEvent {

    @JsonIgnore
    public ClusterName cluster() {
        return run.cluster();
    }

    @Override
    public String deterministicId() {
        return run + ":" + attempt + ":started";
    }
}
