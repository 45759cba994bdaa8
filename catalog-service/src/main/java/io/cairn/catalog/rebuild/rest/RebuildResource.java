package io.cairn.catalog.rebuild.rest;

import io.cairn.catalog.rebuild.Rebuilds;
import io.cairn.catalog.rest.Api;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.inject.Inject;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import java.net.URI;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponseSchema;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jboss.resteasy.reactive.RestResponse;

@Path("/catalog/rebuild")
@Produces(MediaType.APPLICATION_JSON)
@RunOnVirtualThread
@Tag(name = "catalog")
class RebuildResource {

    private final Rebuilds rebuilds;

    @Inject
    RebuildResource(Rebuilds rebuilds) {
        this.rebuilds = rebuilds;
    }

    @POST
    @Operation(
            operationId = "rebuildCatalog",
            summary =
                    "Begins to reproduce backups, chains, keys and verification records from the"
                            + " buckets alone; the one that runs already is the answer if there is one")
    @APIResponseSchema(
            value = RebuildView.class,
            responseCode = "202",
            responseDescription = "Accepted; Location is where to follow it.")
    public RestResponse<RebuildView> rebuild() {
        return RestResponse.ResponseBuilder.create(
                        RestResponse.Status.ACCEPTED, RebuildView.of(rebuilds.start()))
                .location(URI.create(Api.ROOT + "/catalog/rebuild"))
                .build();
    }

    @GET
    @Operation(
            operationId = "getRebuild",
            summary = "The rebuild that runs, or the one that ran last since the service started")
    public RebuildView latest() {
        return rebuilds.latest().map(RebuildView::of).orElseGet(RebuildView::none);
    }
}
