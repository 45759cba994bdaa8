package io.cairn.model.policy;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import io.cairn.model.error.CairnException;
import io.cairn.model.error.ErrorCode;
import java.util.Locale;

/**
 * S3 Object Lock's retention modes (Amazon S3 User Guide, "Locking objects with Object Lock"). In
 * configuration and events a mode is its lower-case {@link #id()}.
 */
public enum ObjectLockMode {
    /**
     * May be lifted by whoever holds {@code s3:BypassGovernanceRetention}, which Cairn never uses.
     */
    GOVERNANCE,
    /** May be lifted by nobody. */
    COMPLIANCE;

    @JsonValue
    public String id() {
        return name().toLowerCase(Locale.ROOT);
    }

    /**
     * @throws CairnException {@link ErrorCode#NAME_INVALID}
     */
    @JsonCreator
    public static ObjectLockMode parse(String id) {
        for (ObjectLockMode mode : values()) {
            if (mode.id().equals(id)) {
                return mode;
            }
        }
        throw new CairnException(
                ErrorCode.NAME_INVALID,
                "'" + id + "' is not a mode of Object Lock",
                "use governance or compliance");
    }

    /** Whether nothing that {@code other} forbids is allowed. */
    public boolean isAtLeast(ObjectLockMode other) {
        return compareTo(other) >= 0;
    }

    @Override
    public String toString() {
        return id();
    }
}
