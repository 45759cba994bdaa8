package io.cairn.catalog.rest;

import io.cairn.model.error.ErrorCode;
import java.time.Instant;
import java.util.Optional;

/**
 * What went wrong.
 *
 * @param code stable name of the error
 * @param category CONFIG, TRANSIENT, PERMANENT, CORRUPTION or BUG
 * @param hint what to do next
 */
public record ErrorView(
        String code, String category, String message, Optional<String> hint, Instant at) {

    public static ErrorView of(ErrorCode code, String message, Optional<String> hint, Instant at) {
        return new ErrorView(code.name(), code.category().name(), message, hint, at);
    }
}
