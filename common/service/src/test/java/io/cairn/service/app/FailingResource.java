package io.cairn.service.app;

import io.cairn.model.ClusterName;
import io.cairn.model.error.CairnException;
import io.cairn.model.error.ErrorCode;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;

/** Fails as it is asked to. */
@Path("/fail")
public class FailingResource {

    public record Body(ClusterName cluster, int count) {}

    @GET
    @Path("/code/{code}")
    public String code(@PathParam("code") String code) {
        throw new CairnException(ErrorCode.valueOf(code), "it failed", "do this next");
    }

    @GET
    @Path("/bug")
    public String bug() {
        throw new IllegalStateException("secret inner detail");
    }

    @POST
    @Path("/body")
    public Body body(Body body) {
        return body;
    }
}
