package io.cairn.catalog.rest;

import io.cairn.catalog.paging.Cursor;
import io.cairn.catalog.paging.PageRequest;
import io.cairn.model.error.CairnException;
import io.cairn.model.error.ErrorCode;
import java.util.Optional;
import org.eclipse.microprofile.openapi.annotations.enums.SchemaType;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.parameters.Parameter;
import org.jboss.resteasy.reactive.RestQuery;
import org.jspecify.annotations.Nullable;

/** The query parameters of every list. */
public class Paging {

    @RestQuery
    @Parameter(
            description = "How many at most, 1 to 500; 50 where it is left out.",
            schema =
                    @Schema(
                            type = SchemaType.INTEGER,
                            minimum = "1",
                            maximum = "500",
                            defaultValue = "50"))
    @Nullable String limit;

    @RestQuery
    @Parameter(description = "The member 'next' of the page before.")
    @Nullable String cursor;

    public PageRequest request() {
        return new PageRequest(
                Optional.ofNullable(cursor).map(Cursor::parse),
                Optional.ofNullable(limit).map(Paging::number).orElse(PageRequest.LIMIT_DEFAULT));
    }

    private static int number(String text) {
        try {
            return Integer.parseInt(text);
        } catch (NumberFormatException e) {
            throw new CairnException(
                    ErrorCode.REQUEST_INVALID,
                    "limit '" + text + "' is not a number",
                    "use 1 to " + PageRequest.LIMIT_MAX,
                    e);
        }
    }
}
