package io.cairn.events;

import com.fasterxml.jackson.annotation.JsonIgnore;
import io.cairn.model.AttemptId;
import io.cairn.model.ClusterName;
import io.cairn.model.RunId;
import io.cairn.model.StoreName;
import java.time.Instant;

/**
 * Every stored byte of a backup was read back and is what the server sent.
 *
 * @param store which copy was read
 * @param bytesRead stored bytes
 * @param files files compared with the server's manifest
 */
public record ValidationPassed(
        RunId run,
        AttemptId attempt,
        StoreName store,
        Instant startedAt,
        Instant completedAt,
        long objects,
        long bytesRead,
        long files)
        implements CairnEvent {

    @JsonIgnore
    public ClusterName cluster() {
        return run.cluster();
    }

    @Override
    public String deterministicId() {
        return run + ":" + attempt + ":" + store + ":validated:" + completedAt;
    }
}
