package io.cairn.catalog.sql;

import io.cairn.model.error.CairnException;
import io.cairn.model.error.ErrorCode;
import io.vertx.pgclient.PgException;
import java.util.Set;

/** What an error of the database means. */
final class DatabaseErrors {

    /**
     * Classes of SQLSTATE that may pass by themselves: connection exception, transaction rollback, insufficient resources,
     * operator intervention (PostgreSQL documentation, appendix A).
     */
    private static final Set<String> PASSING = Set.of("08", "40", "53", "57");

    private DatabaseErrors() {}

    static CairnException of(Throwable failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof CairnException known) {
                return known;
            }
            if (cause instanceof PgException refused) {
                String state = refused.getSqlState();
                return state != null && state.length() == 5 && PASSING.contains(state.substring(0, 2))
                        ? unreachable(refused.getMessage(), failure)
                        : new CairnException(
                                ErrorCode.INTERNAL,
                                "the catalog's database refused a statement: " + refused.getMessage(),
                                "this is a defect in Cairn, or the schema was changed by hand; please report it",
                                failure);
            }
        }
        // Everything else comes from the connection or its pool: refused, reset, no connection free in time.
        return unreachable(failure.toString(), failure);
    }

    static CairnException unreachable(String why, Throwable cause) {
        return new CairnException(
                ErrorCode.SERVICE_UNREACHABLE,
                "the catalog's database does not answer: " + why,
                "check that PostgreSQL runs and that QUARKUS_DATASOURCE_REACTIVE_URL names it",
                cause);
    }
}
