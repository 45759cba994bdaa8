package io.cairn.catalog.retention.rest;

import io.cairn.catalog.retention.ClusterRetention;
import io.cairn.model.ClusterName;
import io.cairn.model.Sha256;
import io.cairn.model.error.CairnException;
import io.cairn.model.error.ErrorCode;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.inject.Inject;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import java.util.List;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.parameters.Parameter;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jboss.resteasy.reactive.RestQuery;
import org.jspecify.annotations.Nullable;

@Path("/retention")
@Produces(MediaType.APPLICATION_JSON)
@Consumes(MediaType.APPLICATION_JSON)
@RunOnVirtualThread
@Tag(name = "retention")
class RetentionResource {

    private final ClusterRetention retention;

    @Inject
    RetentionResource(ClusterRetention retention) {
        this.retention = retention;
    }

    /**
     * What is to be carried out.
     *
     * @param plan its digest, as it was shown
     * @param guarded true: what the weekly clean-up would not do unasked is held; false if absent
     */
    record Confirmation(
            @Schema(required = true) @Nullable String cluster,
            @Schema(required = true) @Nullable String plan,
            @Nullable Boolean guarded) {}

    /**
     * @param clusters those that are configured, and so cleaned up, by name
     */
    record CleanedUp(List<String> clusters) {}

    @GET
    @Path("/clusters")
    @Operation(operationId = "getRetentionClusters", summary = "The clusters that are cleaned up")
    public CleanedUp clusters() {
        return new CleanedUp(
                retention.clusters().stream().map(ClusterName::value).sorted().toList());
    }

    @GET
    @Path("/plans")
    @Operation(
            operationId = "getRetentionPlan",
            summary = "What a clean-up of a cluster would do now, read from the buckets")
    public PlanView plan(@RestQuery @Parameter(required = true) @Nullable String cluster) {
        ClusterName name = new ClusterName(required(cluster, "cluster"));
        return PlanView.of(name, retention.propose(name));
    }

    @POST
    @Path("/expirations")
    @Operation(
            operationId = "expire",
            summary = "Carries out exactly the plan that is named, or refuses")
    public ExpirationView expire(@Nullable Confirmation confirmation) {
        if (confirmation == null) {
            throw missing("a body");
        }
        ClusterName name = new ClusterName(required(confirmation.cluster(), "cluster"));
        Sha256 plan = new Sha256(required(confirmation.plan(), "plan"));
        boolean guarded = Boolean.TRUE.equals(confirmation.guarded());
        return ExpirationView.of(name, retention.expire(name, plan, guarded));
    }

    static String required(@Nullable String value, String what) {
        if (value == null) {
            throw missing(what);
        }
        return value;
    }

    private static CairnException missing(String what) {
        return new CairnException(
                ErrorCode.REQUEST_INVALID,
                what + " is missing",
                "compare it with the API's description at /q/openapi");
    }
}
