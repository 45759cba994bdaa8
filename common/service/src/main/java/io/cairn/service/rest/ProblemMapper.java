package io.cairn.service.rest;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.cairn.model.error.CairnException;
import io.cairn.model.error.ErrorCode;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.util.Locale;
import org.jboss.resteasy.reactive.server.ServerExceptionMapper;
import org.jspecify.annotations.Nullable;

/**
 * Errors as RFC 9457 problem+json. The one place where an HTTP status derives from an {@link ErrorCode}.
 *
 * <pre>{"type": "urn:cairn:error:CLUSTER_UNKNOWN", "title": "Cluster unknown", "status": 404, "detail": "no cluster …",
 * "code": "CLUSTER_UNKNOWN", "category": "CONFIG", "hint": "known are: …"}</pre>
 */
public class ProblemMapper {

    public static final MediaType PROBLEM_JSON = new MediaType("application", "problem+json");

    @ServerExceptionMapper
    public Response problem(CairnException e) {
        return response(Problem.of(e));
    }

    /** What a caller got wrong in a way that no {@link CairnException} was made of. */
    @ServerExceptionMapper
    public Response problem(IllegalArgumentException e) {
        return response(Problem.of(new CairnException(
                ErrorCode.REQUEST_INVALID,
                e.getMessage() == null ? "the request is not valid" : e.getMessage(),
                "compare it with the API's description at /q/openapi")));
    }

    private static Response response(Problem problem) {
        return Response.status(problem.status()).type(PROBLEM_JSON).entity(problem).build();
    }

    /** The status that tells the code to a caller of the API. */
    public static int status(ErrorCode code) {
        return switch (code) {
            case CLUSTER_UNKNOWN, BACKUP_NOT_FOUND -> 404;
            case STORE_LOCKED -> 409;
            default -> switch (code.category()) {
                case CONFIG -> 400;
                case PERMANENT -> 422;
                case TRANSIENT -> 503;
                case CORRUPTION, BUG -> 500;
            };
        };
    }

    /**
     * The body of a problem, RFC 9457 section 3.1, with Cairn's own members behind.
     *
     * @param detail what happened, in one line without secrets
     * @param hint what to do next
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Problem(
            String type, String title, int status, String detail, String code, String category, @Nullable String hint) {

        static Problem of(CairnException e) {
            String name = e.code().name();
            String words = name.toLowerCase(Locale.ROOT).replace('_', ' ');
            return new Problem(
                    "urn:cairn:error:" + name,
                    Character.toUpperCase(words.charAt(0)) + words.substring(1),
                    ProblemMapper.status(e.code()),
                    e.getMessage(),
                    name,
                    e.category().name(),
                    e.hint().orElse(null));
        }
    }
}
