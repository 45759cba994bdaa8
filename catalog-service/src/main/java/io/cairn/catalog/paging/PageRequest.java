package io.cairn.catalog.paging;

import io.cairn.model.error.CairnException;
import io.cairn.model.error.ErrorCode;
import java.util.Optional;

/**
 * Which part of a list is wanted.
 *
 * @param limit 1 to {@link #LIMIT_MAX}
 */
public record PageRequest(Optional<Cursor> after, int limit) {

    public static final int LIMIT_DEFAULT = 50;
    public static final int LIMIT_MAX = 500;

    public PageRequest {
        if (limit < 1 || limit > LIMIT_MAX) {
            throw new CairnException(
                    ErrorCode.REQUEST_INVALID,
                    "limit " + limit + " is out of range",
                    "use 1 to " + LIMIT_MAX);
        }
    }
}
