package io.cairn.restore.recovery;

import io.cairn.model.error.CairnException;
import io.cairn.model.error.ErrorCode;
import java.util.Locale;

/** What becomes of the server when the target is reached. */
public enum TargetAction {
    /** It begins a new timeline and takes writes. */
    PROMOTE,
    /** It stays there, open for reading, and may be promoted later. */
    PAUSE,
    /** It is stopped there, and may be started and promoted later. */
    SHUTDOWN;

    public static TargetAction parse(String text) {
        for (TargetAction action : values()) {
            if (action.toString().equals(text)) {
                return action;
            }
        }
        throw new CairnException(
                ErrorCode.REQUEST_INVALID,
                "'" + text + "' is not what can be done at a target",
                "promote, pause or shutdown");
    }

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
