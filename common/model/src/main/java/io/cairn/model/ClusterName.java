package io.cairn.model;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import io.cairn.model.error.CairnException;
import io.cairn.model.error.ErrorCode;
import java.util.regex.Pattern;

/**
 * The name of a protected PostgreSQL cluster: Kafka key, first part of every object key and of the
 * run id.
 *
 * <p>1 to 40 characters of {@code a-z 0-9 -}, beginning and ending with a letter or digit. 40,
 * because the run id ({@code <cluster>:<label>}) must fit PostgreSQL's 63-byte {@code
 * application_name}.
 */
public record ClusterName(@JsonValue String value) implements Comparable<ClusterName> {

    private static final Pattern VALID = Pattern.compile("[a-z0-9]([a-z0-9-]{0,38}[a-z0-9])?");

    @JsonCreator(mode = JsonCreator.Mode.DELEGATING)
    public ClusterName {
        if (!VALID.matcher(value).matches()) {
            throw new CairnException(
                    ErrorCode.NAME_INVALID,
                    "'" + value + "' is not a cluster name",
                    "use 1 to 40 of a-z, 0-9 and -, beginning and ending with a letter or digit");
        }
    }

    @Override
    public int compareTo(ClusterName other) {
        return value.compareTo(other.value);
    }

    @Override
    public String toString() {
        return value;
    }
}
