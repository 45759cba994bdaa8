package io.cairn.catalog.rest;

import com.fasterxml.jackson.core.JsonProcessingException;
import io.cairn.model.error.CairnException;
import io.cairn.model.error.ErrorCode;
import io.cairn.service.rest.ProblemMapper;
import jakarta.ws.rs.core.Response;
import org.jboss.resteasy.reactive.server.ServerExceptionMapper;

/** A request's body that is not the JSON it must be, as problem+json like every other error. */
class UnreadableBody {

    @ServerExceptionMapper
    Response problem(JsonProcessingException e) {
        return new ProblemMapper()
                .problem(
                        new CairnException(
                                ErrorCode.REQUEST_INVALID,
                                "the body is not the JSON that is expected: "
                                        + e.getOriginalMessage(),
                                "compare it with the API's description at /q/openapi"));
    }
}
