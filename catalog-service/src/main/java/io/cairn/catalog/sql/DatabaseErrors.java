package io.cairn.catalog.sql;

import io.cairn.model.error.CairnException;
import io.cairn.model.error.ErrorCode;
import io.vertx.core.VertxException;
import io.vertx.core.impl.NoStackTraceThrowable;
import io.vertx.pgclient.PgException;
import java.io.IOException;
import java.util.Set;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/** What an error of the database means. */
final class DatabaseErrors {

    /**
     * Classes of SQLSTATE that may pass by themselves: connection exception, transaction rollback,
     * insufficient resources, operator intervention (PostgreSQL documentation, appendix A).
     */
    private static final Set<String> PASSING = Set.of("08", "40", "53", "57");

    private DatabaseErrors() {}

    static CairnException of(Throwable failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            switch (cause) {
                case CairnException known -> {
                    return known;
                }
                case PgException refused when !isPassing(refused) -> {
                    return defect(
                            "the catalog's database refused a statement: " + refused.getMessage(),
                            failure);
                }
                // Refused, reset, closed; no connection free in time.
                case PgException _,
                        IOException _,
                        VertxException _,
                        NoStackTraceThrowable _,
                        TimeoutException _ -> {
                    return unreachable(cause.getMessage(), failure);
                }
                default -> {
                    // Wrapped once more.
                }
            }
        }
        return defect("the catalog cannot use its database: " + failure, failure);
    }

    private static boolean isPassing(PgException refused) {
        String state = refused.getSqlState();
        return state != null && state.length() == 5 && PASSING.contains(state.substring(0, 2));
    }

    /**
     * Never retried: a statement that is refused, or a row that cannot be read, will be so again.
     */
    private static CairnException defect(String message, Throwable failure) {
        return new CairnException(
                ErrorCode.INTERNAL,
                message,
                "this is a defect in Cairn, or the schema was changed by hand; please report it",
                failure);
    }

    static CairnException unreachable(@Nullable String why, Throwable cause) {
        return new CairnException(
                ErrorCode.SERVICE_UNREACHABLE,
                "the catalog's database does not answer: " + (why == null ? cause : why),
                "check that PostgreSQL runs and that QUARKUS_DATASOURCE_REACTIVE_URL names it",
                cause);
    }
}
