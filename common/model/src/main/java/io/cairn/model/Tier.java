package io.cairn.model;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import io.cairn.model.error.CairnException;
import io.cairn.model.error.ErrorCode;
import java.util.Locale;

/**
 * The four tiers of the requirement. In configuration, topics and events a tier is its lower-case
 * {@link #id()}.
 */
public enum Tier {
    OLTP,
    CONTENT,
    QUEUE,
    OLAP;

    @JsonValue
    public String id() {
        return name().toLowerCase(Locale.ROOT);
    }

    @JsonCreator
    public static Tier parse(String id) {
        for (Tier tier : values()) {
            if (tier.id().equals(id)) {
                return tier;
            }
        }
        throw new CairnException(
                ErrorCode.NAME_INVALID,
                "'" + id + "' is not a tier",
                "use oltp, content, queue or olap");
    }

    @Override
    public String toString() {
        return id();
    }
}
