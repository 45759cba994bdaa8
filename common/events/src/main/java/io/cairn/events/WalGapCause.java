package io.cairn.events;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Locale;

/** Why stored WAL does not go on. */
public enum WalGapCause {
    /** The server has removed what was not stored yet: its slot was lost, or never there. */
    REMOVED,
    /** The server sends other bytes for a position that is stored already. */
    DIVERGED,
    /** The server is of another system than the one before it. */
    OTHER_SYSTEM,
    /**
     * What one store holds cannot be copied to another: it is damaged, or the other holds something
     * else under its name. Only there nothing leads across it.
     */
    NOT_COPIED;

    @JsonValue
    public String id() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    @JsonCreator
    public static WalGapCause parse(String id) {
        return valueOf(id.toUpperCase(Locale.ROOT).replace('-', '_'));
    }
}
