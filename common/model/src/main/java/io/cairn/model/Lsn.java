package io.cairn.model;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import io.cairn.model.error.CairnException;
import io.cairn.model.error.ErrorCode;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A log sequence number: an unsigned 64-bit byte position in the WAL, written {@code 16/B374D848}
 * (pg_lsn).
 */
public record Lsn(long bits) implements Comparable<Lsn> {

    private static final Pattern TEXT = Pattern.compile("([0-9A-Fa-f]{1,8})/([0-9A-Fa-f]{1,8})");

    @JsonCreator(mode = JsonCreator.Mode.DELEGATING)
    public static Lsn parse(String text) {
        Matcher matcher = TEXT.matcher(text);
        if (!matcher.matches()) {
            throw new CairnException(
                    ErrorCode.NAME_INVALID,
                    "'" + text + "' is not an LSN",
                    "write it as 16/B374D848");
        }
        return new Lsn(
                Long.parseLong(matcher.group(1), 16) << 32 | Long.parseLong(matcher.group(2), 16));
    }

    public Lsn plus(long bytes) {
        return new Lsn(bits + bytes);
    }

    /** Bytes from {@code earlier} to this position; negative when this one is the earlier. */
    public long minus(Lsn earlier) {
        return bits - earlier.bits;
    }

    @Override
    public int compareTo(Lsn other) {
        return Long.compareUnsigned(bits, other.bits);
    }

    @Override
    @JsonValue
    public String toString() {
        return "%X/%X".formatted(bits >>> 32, bits & 0xFFFF_FFFFL);
    }
}
