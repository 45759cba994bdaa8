package io.cairn.model;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import io.cairn.model.error.CairnException;
import io.cairn.model.error.ErrorCode;
import java.util.regex.Pattern;

/**
 * The name of a place copies are kept in, as the configuration calls it: one bucket in one region
 * ({@code primary}, {@code secondary}, {@code archive}). Same alphabet as {@link ClusterName}.
 */
public record StoreName(@JsonValue String value) implements Comparable<StoreName> {

    private static final Pattern VALID = Pattern.compile("[a-z0-9]([a-z0-9-]{0,38}[a-z0-9])?");

    @JsonCreator(mode = JsonCreator.Mode.DELEGATING)
    public StoreName {
        if (!VALID.matcher(value).matches()) {
            throw new CairnException(
                    ErrorCode.NAME_INVALID,
                    "'" + value + "' is not a store name",
                    "use 1 to 40 of a-z, 0-9 and -, beginning and ending with a letter or digit");
        }
    }

    @Override
    public int compareTo(StoreName other) {
        return value.compareTo(other.value);
    }

    @Override
    public String toString() {
        return value;
    }
}
