package io.cairn.catalog.hold.rest;

import io.cairn.catalog.hold.HoldStatus;
import io.cairn.catalog.hold.Holds;
import io.cairn.catalog.rest.Api;
import io.cairn.model.BackupLabel;
import io.cairn.model.ClusterName;
import io.cairn.model.error.CairnException;
import io.cairn.model.error.ErrorCode;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.inject.Inject;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import java.net.URI;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.parameters.Parameter;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponseSchema;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jboss.resteasy.reactive.RestPath;
import org.jboss.resteasy.reactive.RestQuery;
import org.jboss.resteasy.reactive.RestResponse;
import org.jspecify.annotations.Nullable;

/** Who asks is what the caller says: there is no authentication yet. */
@Path("/holds")
@Produces(MediaType.APPLICATION_JSON)
@RunOnVirtualThread
@Tag(name = "holds")
class HoldResource {

    private final Holds holds;

    @Inject
    HoldResource(Holds holds) {
        this.holds = holds;
    }

    /**
     * A wish for a hold.
     *
     * @param cluster needed where several have a backup of that label
     * @param id 32 lower-case hexadecimal digits; the same id leads to the same hold
     * @param by who asks, for the record
     */
    record Wish(
            Optional<String> cluster,
            @Schema(required = true) @Nullable String label,
            Optional<String> id,
            @Schema(required = true) @Nullable String reason,
            @Schema(required = true) @Nullable String by) {}

    /**
     * @param holds by cluster and time
     */
    record HoldList(List<HoldView> holds) {}

    @GET
    @Operation(
            operationId = "listHolds",
            summary =
                    "Legal holds, those too that were released, and how far they are in each store")
    public HoldList list(@RestQuery @Nullable String cluster) {
        return new HoldList(
                holds.list(Optional.ofNullable(cluster).map(ClusterName::new)).stream()
                        .map(HoldView::of)
                        .toList());
    }

    @POST
    @Consumes(MediaType.APPLICATION_JSON)
    @Operation(
            operationId = "placeHold",
            summary =
                    "Places a legal hold on a backup, those it builds on and their WAL; in force when this answers")
    @APIResponseSchema(
            value = HoldView.class,
            responseCode = "201",
            responseDescription =
                    "Recorded in at least one store; the others follow, and the objects are held.")
    public RestResponse<HoldView> place(@Nullable Wish wish) {
        if (wish == null) {
            throw missing("a body", "{\"label\": …, \"reason\": …, \"by\": …}");
        }
        HoldStatus status =
                holds.place(
                        wish.cluster().map(ClusterName::new),
                        new BackupLabel(required(wish.label(), "label")),
                        wish.id().orElseGet(() -> UUID.randomUUID().toString().replace("-", "")),
                        required(wish.reason(), "reason"),
                        required(wish.by(), "by"));
        return RestResponse.ResponseBuilder.create(RestResponse.Status.CREATED, HoldView.of(status))
                .location(URI.create(Api.ROOT + "/holds"))
                .build();
    }

    @DELETE
    @Path("/{id}")
    @Operation(
            operationId = "releaseHold",
            summary = "Releases a legal hold; what other holds cover stays held")
    public HoldView release(
            @RestPath String id,
            @RestQuery @Parameter(required = true, description = "One line, why.")
                    @Nullable String reason,
            @RestQuery @Parameter(required = true, description = "Who asks, for the record.")
                    @Nullable String by) {
        return HoldView.of(holds.release(id, required(reason, "reason"), required(by, "by")));
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
