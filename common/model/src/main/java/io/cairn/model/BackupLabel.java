package io.cairn.model;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import io.cairn.model.error.CairnException;
import io.cairn.model.error.ErrorCode;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.regex.Pattern;

/**
 * A backup's name: its due time in UTC to the second, and the letter of its kind, {@code
 * 20261122T020000Z-F}. Labels of one cluster sort by time.
 */
public record BackupLabel(@JsonValue String value) implements Comparable<BackupLabel> {

    private static final Pattern VALID = Pattern.compile("\\d{8}T\\d{6}Z-[FILS]");

    @JsonCreator(mode = JsonCreator.Mode.DELEGATING)
    public BackupLabel {
        if (!VALID.matcher(value).matches() || !isTime(value)) {
            throw new CairnException(
                    ErrorCode.NAME_INVALID,
                    "'" + value + "' is not a backup's label",
                    "labels look like 20261122T020000Z-F");
        }
    }

    public static BackupLabel of(Instant due, BackupKind kind) {
        return new BackupLabel(BasicTime.format(due) + "-" + kind.letter());
    }

    public BackupKind kind() {
        return BackupKind.ofLetter(value.charAt(value.length() - 1));
    }

    public Instant due() {
        return time(value);
    }

    private static Instant time(String value) {
        return BasicTime.parse(value.substring(0, 16));
    }

    private static boolean isTime(String value) {
        try {
            time(value);
            return true;
        } catch (DateTimeParseException e) {
            return false;
        }
    }

    @Override
    public int compareTo(BackupLabel other) {
        return value.compareTo(other.value);
    }

    @Override
    public String toString() {
        return value;
    }
}
