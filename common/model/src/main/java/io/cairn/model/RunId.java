package io.cairn.model;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import io.cairn.model.error.CairnException;
import io.cairn.model.error.ErrorCode;

/**
 * One due time of one kind for one cluster, {@code <cluster>:<label>}. Redelivered and repeated due
 * events of the same run have the same id, so that they end in the same backup. At most 59 bytes:
 * it is also the {@code application_name}.
 */
public record RunId(ClusterName cluster, BackupLabel label) {

    @JsonCreator(mode = JsonCreator.Mode.DELEGATING)
    public static RunId parse(String text) {
        int colon = text.indexOf(':');
        if (colon < 0) {
            throw new CairnException(
                    ErrorCode.NAME_INVALID,
                    "'" + text + "' is not a run id",
                    "run ids look like shop:20261122T020000Z-F");
        }
        return new RunId(
                new ClusterName(text.substring(0, colon)),
                new BackupLabel(text.substring(colon + 1)));
    }

    @Override
    @JsonValue
    public String toString() {
        return cluster + ":" + label;
    }
}
