package io.cairn.catalog.run;

import io.cairn.catalog.fact.Join;
import io.cairn.model.error.ErrorCode;
import java.time.Instant;
import java.util.Optional;

/**
 * How an attempt ended without a backup.
 *
 * @param retried whether the run is tried again by itself
 */
public record Failure(
        Instant at, ErrorCode code, String message, Optional<String> hint, boolean retried) {

    public Failure {
        at = Join.micros(at);
    }
}
