package io.cairn.service.rest;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.exc.MismatchedInputException;
import io.cairn.model.error.CairnException;
import io.cairn.model.error.ErrorCode;
import jakarta.ws.rs.WebApplicationException;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import org.jboss.logging.Logger;
import org.jboss.resteasy.reactive.server.ServerExceptionMapper;
import org.jspecify.annotations.Nullable;

/**
 * Errors as RFC 9457 {@code application/problem+json}, and the one place where an HTTP status
 * derives from an {@link ErrorCode}.
 */
public class ProblemMapper {

    public static final MediaType PROBLEM_JSON = new MediaType("application", "problem+json");

    private static final Logger LOG = Logger.getLogger(ProblemMapper.class);

    /** The status that tells the code to a caller of the API. */
    public static int status(ErrorCode code) {
        return switch (code) {
            case CLUSTER_UNKNOWN, BACKUP_NOT_FOUND, HOLD_NOT_FOUND -> 404;
            case STORE_LOCKED -> 409;
            default ->
                    switch (code.category()) {
                        case CONFIG -> 400;
                        case PERMANENT -> 422;
                        case TRANSIENT -> 503;
                        case CORRUPTION, BUG -> 500;
                    };
        };
    }

    @ServerExceptionMapper
    public Response problem(CairnException e) {
        if (status(e.code()) == 500) {
            LOG.error(e.messageWithHint(), e);
        }
        return response(Problem.of(e, status(e.code())));
    }

    /**
     * A body that is not JSON, or not what the endpoint takes: a domain type may have refused a
     * part of it.
     */
    @ServerExceptionMapper
    public Response problem(JsonProcessingException e) {
        CairnException cause = cairnCause(e);
        return response(
                Problem.of(cause == null ? invalid(e.getOriginalMessage(), e) : cause, 400));
    }

    /** The framework has a mapper of its own for this one, which would be nearer. */
    @ServerExceptionMapper
    public Response problem(MismatchedInputException e) {
        return problem((JsonProcessingException) e);
    }

    /** What the framework refused: an unknown path, a method, a parameter. */
    @ServerExceptionMapper
    public Response problem(WebApplicationException e) {
        Response answer = e.getResponse();
        if (answer.hasEntity() || answer.getStatus() < 400) {
            return answer;
        }
        CairnException cause = cairnCause(e);
        if (cause != null) {
            return problem(cause);
        }
        return response(Problem.of(invalid(e.getMessage(), e), answer.getStatus()));
    }

    /** What nobody foresaw. The log has the stack trace, the caller has not. */
    @ServerExceptionMapper
    public Response problem(RuntimeException e) {
        LOG.error("A request failed", e);
        return response(
                Problem.of(CairnException.bug("the request failed inside the service"), 500));
    }

    private static CairnException invalid(@Nullable String message, Throwable cause) {
        return new CairnException(
                ErrorCode.REQUEST_INVALID,
                message == null ? "the request is not valid" : message,
                "compare it with the API's description",
                cause);
    }

    private static @Nullable CairnException cairnCause(Throwable e) {
        Throwable cause = e.getCause();
        while (cause != null && !(cause instanceof CairnException)) {
            cause = cause.getCause();
        }
        return (CairnException) cause;
    }

    private static Response response(Problem problem) {
        return Response.status(problem.status()).type(PROBLEM_JSON).entity(problem).build();
    }
}
