package io.cairn.events;

import com.fasterxml.jackson.annotation.JsonIgnore;
import io.cairn.model.AttemptId;
import io.cairn.model.ClusterName;
import io.cairn.model.RunId;
import java.time.Instant;

/**
 * How far a running backup is; at least every 5 s.
 *
 * @param bytesDone bytes received from the server
 * @param bytesTotal the server's estimate of the whole
 * @param bytesStored bytes durable in the store
 */
public record BackupProgressed(
        RunId run, AttemptId attempt, long bytesDone, long bytesTotal, long bytesStored, Instant at)
        implements CairnEvent {

    @JsonIgnore
    public ClusterName cluster() {
        return run.cluster();
    }

    @Override
    public String deterministicId() {
        return run + ":" + attempt + ":progressed:" + at;
    }
}
