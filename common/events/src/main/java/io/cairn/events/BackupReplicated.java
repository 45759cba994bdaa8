package io.cairn.events;

import com.fasterxml.jackson.annotation.JsonIgnore;
import io.cairn.model.AttemptId;
import io.cairn.model.ClusterName;
import io.cairn.model.RunId;
import io.cairn.model.StoreName;
import java.time.Duration;
import java.time.Instant;

/**
 * A copy is complete: every part and the commit object are in the target.
 *
 * @param lag time from the commit in the source to the commit in the target
 * @param bytesCopied bytes this copy had to move
 */
public record BackupReplicated(
        RunId run,
        AttemptId attempt,
        StoreName source,
        StoreName target,
        Instant replicatedAt,
        Duration lag,
        long objects,
        long bytesCopied)
        implements CairnEvent {

    @JsonIgnore
    public ClusterName cluster() {
        return run.cluster();
    }

    @Override
    public String deterministicId() {
        return run + ":" + attempt + ":" + target + ":replicated";
    }
}
