package io.cairn.model;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import io.cairn.model.error.CairnException;
import io.cairn.model.error.ErrorCode;
import java.util.HexFormat;
import java.util.random.RandomGenerator;
import java.util.regex.Pattern;

/**
 * One try at a run: 64 random bits in hex, new at every start, so that a rerun never meets the
 * objects of a dead one.
 */
public record AttemptId(@JsonValue String value) implements Comparable<AttemptId> {

    private static final Pattern VALID = Pattern.compile("[0-9a-f]{16}");

    @JsonCreator(mode = JsonCreator.Mode.DELEGATING)
    public AttemptId {
        if (!VALID.matcher(value).matches()) {
            throw new CairnException(
                    ErrorCode.NAME_INVALID,
                    "'" + value + "' is not an attempt",
                    "16 lower-case hex digits");
        }
    }

    public static AttemptId random(RandomGenerator random) {
        return new AttemptId(HexFormat.of().toHexDigits(random.nextLong()));
    }

    @Override
    public int compareTo(AttemptId other) {
        return value.compareTo(other.value);
    }

    @Override
    public String toString() {
        return value;
    }
}
