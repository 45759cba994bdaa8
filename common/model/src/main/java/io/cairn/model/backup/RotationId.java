package io.cairn.model.backup;

import io.cairn.model.error.CairnException;
import io.cairn.model.error.ErrorCode;
import java.util.regex.Pattern;

/**
 * Names the wraps that a rotation adds: the first 16 hexadecimal digits of the SHA-256 over the
 * SHA-256 fingerprints of the recipients' certificates, sorted. The same recipients give the same
 * name, so that an interrupted rotation goes on where it was.
 */
public record RotationId(String value) {

    private static final Pattern VALID = Pattern.compile("[0-9a-f]{16}");

    public RotationId {
        if (!VALID.matcher(value).matches()) {
            throw new CairnException(
                    ErrorCode.NAME_INVALID,
                    "'" + value + "' names no rotation",
                    "16 lower-case hex digits");
        }
    }

    @Override
    public String toString() {
        return value;
    }
}
