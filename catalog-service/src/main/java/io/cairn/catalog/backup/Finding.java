package io.cairn.catalog.backup;

import io.cairn.catalog.fact.Join;
import io.cairn.model.ObjectKey;
import io.cairn.model.error.ErrorCode;
import java.time.Instant;
import java.util.Optional;

/**
 * What is wrong with a copy.
 *
 * @param object the part that is wrong, where it is known
 */
public record Finding(
        Instant at,
        ErrorCode code,
        String message,
        Optional<String> hint,
        Optional<ObjectKey> object) {

    public Finding {
        at = Join.micros(at);
    }

    /** {@code finding} unless something later proved the opposite. */
    static Optional<Finding> standing(Optional<Finding> finding, Optional<Instant> provenAt) {
        return finding.filter(found -> provenAt.filter(found.at()::isBefore).isEmpty());
    }
}
