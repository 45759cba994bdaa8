package io.cairn.catalog.request.rest;

import io.cairn.catalog.request.BackupRequests;
import io.cairn.catalog.rest.Api;
import io.cairn.model.BackupKind;
import io.cairn.model.ClusterName;
import io.cairn.model.RunId;
import io.cairn.model.error.CairnException;
import io.cairn.model.error.ErrorCode;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.inject.Inject;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import java.net.URI;
import java.util.Optional;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.parameters.Parameter;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponseSchema;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jboss.resteasy.reactive.RestHeader;
import org.jboss.resteasy.reactive.RestResponse;
import org.jspecify.annotations.Nullable;

@Path("/backups")
@Produces(MediaType.APPLICATION_JSON)
@Consumes(MediaType.APPLICATION_JSON)
@RunOnVirtualThread
@Tag(name = "backups")
class RequestResource {

    private static final String ANONYMOUS = "api";

    private final BackupRequests requests;

    @Inject
    RequestResource(BackupRequests requests) {
        this.requests = requests;
    }

    /**
     * A wish for a backup.
     *
     * @param kind full is the only one so far
     * @param requestedBy who asks, for the record
     */
    record Wish(
            @Schema(required = true) @Nullable String cluster,
            @Schema(
                            required = true,
                            enumeration = {"full"})
                    @Nullable String kind,
            Optional<String> requestedBy) {}

    /**
     * What came of it.
     *
     * @param run the run to follow
     */
    record Accepted(String run, String cluster, String label, String kind) {

        static Accepted of(RunId run) {
            return new Accepted(
                    run.toString(),
                    run.cluster().value(),
                    run.label().value(),
                    run.label().kind().id());
        }
    }

    @POST
    @Operation(
            operationId = "requestBackup",
            summary = "Asks for a backup now; the answer names the run to follow")
    @APIResponseSchema(
            value = Accepted.class,
            responseCode = "202",
            responseDescription = "Accepted; Location is the run.")
    public RestResponse<Accepted> request(
            @RestHeader("Idempotency-Key")
                    @Parameter(required = true, description = "The same key leads to the same run.")
                    @Nullable String idempotencyKey,
            @Nullable Wish wish) {
        if (wish == null) {
            throw missing("a body", "{\"cluster\": \"shop\", \"kind\": \"full\"}");
        }
        RunId run =
                requests.request(
                        new ClusterName(required(wish.cluster(), "cluster")),
                        BackupKind.parse(required(wish.kind(), "kind")),
                        required(idempotencyKey, "the header Idempotency-Key"),
                        wish.requestedBy().orElse(ANONYMOUS));
        return RestResponse.ResponseBuilder.create(RestResponse.Status.ACCEPTED, Accepted.of(run))
                .location(URI.create(Api.ROOT + "/runs/" + run))
                .build();
    }

    private static String required(@Nullable String value, String what) {
        if (value == null) {
            throw missing(what, what);
        }
        return value;
    }

    private static CairnException missing(String what, String hint) {
        return new CairnException(ErrorCode.REQUEST_INVALID, what + " is missing", "send " + hint);
    }
}
