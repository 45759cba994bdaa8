package io.cairn.events;

import com.fasterxml.jackson.annotation.JsonIgnore;
import io.cairn.model.AttemptId;
import io.cairn.model.ClusterName;
import io.cairn.model.RunId;
import io.cairn.model.StoreName;
import io.cairn.model.policy.ObjectLockMode;
import java.time.Instant;

/**
 * A copy is locked: every part, its keys, its signature, its commit object, and the WAL that it
 * needs. Each was read back.
 *
 * @param until no object of it can be deleted before
 * @param objects how many there are
 */
public record BackupLocked(
        RunId run,
        AttemptId attempt,
        StoreName store,
        ObjectLockMode mode,
        Instant until,
        Instant lockedAt,
        long objects)
        implements CairnEvent {

    @JsonIgnore
    public ClusterName cluster() {
        return run.cluster();
    }

    @Override
    public String deterministicId() {
        return run + ":" + attempt + ":" + store + ":locked:" + mode + ":" + until;
    }
}
