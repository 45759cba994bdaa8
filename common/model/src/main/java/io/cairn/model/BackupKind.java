package io.cairn.model;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import io.cairn.model.error.CairnException;
import io.cairn.model.error.ErrorCode;
import java.util.Locale;

/** What a run takes. The letter ends the backup's label. */
public enum BackupKind {
    FULL('F'),
    INCREMENTAL('I'),
    LOG('L'),
    SNAPSHOT('S');

    private final char letter;

    BackupKind(char letter) {
        this.letter = letter;
    }

    public char letter() {
        return letter;
    }

    @JsonValue
    public String id() {
        return name().toLowerCase(Locale.ROOT);
    }

    @JsonCreator
    public static BackupKind parse(String id) {
        for (BackupKind kind : values()) {
            if (kind.id().equals(id)) {
                return kind;
            }
        }
        throw new CairnException(
                ErrorCode.NAME_INVALID,
                "'" + id + "' is not a kind of backup",
                "use full, incremental, log or snapshot");
    }

    static BackupKind ofLetter(char letter) {
        for (BackupKind kind : values()) {
            if (kind.letter == letter) {
                return kind;
            }
        }
        throw new CairnException(
                ErrorCode.NAME_INVALID,
                "no kind of backup has the letter " + letter,
                "F, I, L or S");
    }

    @Override
    public String toString() {
        return id();
    }
}
