package io.cairn.events;

import com.fasterxml.jackson.annotation.JsonIgnore;
import io.cairn.model.AttemptId;
import io.cairn.model.ClusterName;
import io.cairn.model.ObjectKey;
import io.cairn.model.RunId;
import io.cairn.model.StoreName;
import io.cairn.model.error.ErrorCode;
import java.time.Instant;
import java.util.Optional;

/**
 * A copy of a backup is not restorable as it is.
 *
 * @param stage {@link #BYTES} when stored bytes are wrong, {@link #DRILL} when the restored server
 *     is, {@link #KEY} when the validator's private key does not open the copy
 * @param object the part that is wrong, where it is known
 */
public record ValidationFailed(
        RunId run,
        AttemptId attempt,
        StoreName store,
        String stage,
        Instant failedAt,
        ErrorCode code,
        String message,
        Optional<String> hint,
        Optional<ObjectKey> object)
        implements CairnEvent {

    public static final String BYTES = "bytes";
    public static final String DRILL = "drill";
    public static final String KEY = "key";

    @JsonIgnore
    public ClusterName cluster() {
        return run.cluster();
    }

    @Override
    public String deterministicId() {
        return run + ":" + attempt + ":" + store + ":invalid:" + failedAt;
    }
}
