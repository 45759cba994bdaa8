package io.cairn.events;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Locale;

/** What a tier promises and the monitoring check measures. */
public enum Objective {
    /** Age of the newest point that can be restored. */
    RPO,
    /** Time the last restore drill took. */
    RTO;

    @JsonValue
    public String id() {
        return name().toLowerCase(Locale.ROOT);
    }

    @JsonCreator
    public static Objective parse(String id) {
        return valueOf(id.toUpperCase(Locale.ROOT));
    }
}
