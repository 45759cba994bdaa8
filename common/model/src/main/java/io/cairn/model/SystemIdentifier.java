package io.cairn.model;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import io.cairn.model.error.CairnException;
import io.cairn.model.error.ErrorCode;

/**
 * PostgreSQL's unsigned 64-bit database system identifier, written in decimal as {@code pg_control}
 * shows it.
 */
public record SystemIdentifier(long bits) {

    @JsonCreator(mode = JsonCreator.Mode.DELEGATING)
    public static SystemIdentifier parse(String text) {
        try {
            return new SystemIdentifier(Long.parseUnsignedLong(text));
        } catch (NumberFormatException e) {
            throw new CairnException(
                    ErrorCode.NAME_INVALID,
                    "'" + text + "' is not a database system identifier",
                    "it is an unsigned 64-bit decimal",
                    e);
        }
    }

    @Override
    @JsonValue
    public String toString() {
        return Long.toUnsignedString(bits);
    }
}
