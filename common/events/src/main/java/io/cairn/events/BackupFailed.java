package io.cairn.events;

import com.fasterxml.jackson.annotation.JsonIgnore;
import io.cairn.model.AttemptId;
import io.cairn.model.ClusterName;
import io.cairn.model.RunId;
import io.cairn.model.Tier;
import io.cairn.model.error.ErrorCode;
import java.time.Instant;
import java.util.Optional;

/**
 * An attempt ended without a backup.
 *
 * @param attempt absent when it failed before it began to stream
 * @param message one line, without secrets
 * @param hint what to do next
 * @param retried whether the run is tried again by itself
 */
public record BackupFailed(
        RunId run,
        Tier tier,
        Optional<AttemptId> attempt,
        Instant failedAt,
        ErrorCode code,
        String message,
        Optional<String> hint,
        boolean retried)
        implements CairnEvent {

    @JsonIgnore
    public ClusterName cluster() {
        return run.cluster();
    }

    @Override
    public String deterministicId() {
        return run + ":" + attempt.map(AttemptId::value).orElse("none") + ":failed:" + failedAt;
    }
}
