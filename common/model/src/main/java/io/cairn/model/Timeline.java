package io.cairn.model;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import io.cairn.model.error.CairnException;
import io.cairn.model.error.ErrorCode;

/** A PostgreSQL timeline id, 1 or higher. In names it is eight upper-case hexadecimal digits. */
public record Timeline(@JsonValue int id) implements Comparable<Timeline> {

    @JsonCreator(mode = JsonCreator.Mode.DELEGATING)
    public Timeline {
        if (id < 1) {
            throw new CairnException(
                    ErrorCode.NAME_INVALID, id + " is not a timeline", "timelines begin at 1");
        }
    }

    /** Eight hexadecimal digits, as in WAL file names: timeline 10 is {@code 0000000A}. */
    public String hex() {
        return "%08X".formatted(id);
    }

    @Override
    public int compareTo(Timeline other) {
        return Integer.compare(id, other.id);
    }

    @Override
    public String toString() {
        return Integer.toString(id);
    }
}
