package io.cairn.events;

import com.fasterxml.jackson.annotation.JsonIgnore;
import io.cairn.model.AttemptId;
import io.cairn.model.ClusterName;
import io.cairn.model.RunId;
import io.cairn.model.StoreName;
import io.cairn.model.Tier;
import io.cairn.model.backup.StoredObject;
import java.time.Instant;

/**
 * A part of a backup is durable; lets replication keep up while the backup still runs.
 *
 * @param store where it was written
 */
public record ObjectStored(
        RunId run,
        Tier tier,
        AttemptId attempt,
        StoreName store,
        StoredObject object,
        Instant storedAt)
        implements CairnEvent {

    @JsonIgnore
    public ClusterName cluster() {
        return run.cluster();
    }

    @Override
    public String deterministicId() {
        return store + ":" + object.key() + ":stored";
    }
}
