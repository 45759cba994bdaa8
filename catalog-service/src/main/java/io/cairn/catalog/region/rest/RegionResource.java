package io.cairn.catalog.region.rest;

import io.cairn.catalog.region.Failbacks;
import io.cairn.catalog.rest.Api;
import io.cairn.config.CairnConfig;
import io.cairn.events.FailbackRefused;
import io.cairn.events.RegionEvent;
import io.cairn.events.RegionFailedOver;
import io.cairn.events.RegionReturned;
import io.cairn.events.region.Regions;
import io.cairn.model.StoreName;
import io.cairn.model.error.CairnException;
import io.cairn.model.error.ErrorCode;
import io.cairn.service.region.KnownRegions;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.inject.Inject;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import java.net.URI;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponseSchema;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jboss.resteasy.reactive.RestPath;
import org.jboss.resteasy.reactive.RestResponse;
import org.jspecify.annotations.Nullable;

/** Who asks is what the caller says: there is no authentication yet. */
@Path("/regions")
@Produces(MediaType.APPLICATION_JSON)
@RunOnVirtualThread
@Tag(name = "regions")
class RegionResource {

    private final CairnConfig config;
    private final KnownRegions regions;
    private final Failbacks failbacks;

    @Inject
    RegionResource(CairnConfig config, KnownRegions regions, Failbacks failbacks) {
        this.config = config;
        this.regions = regions;
        this.failbacks = failbacks;
    }

    /**
     * A store.
     *
     * @param since since when it has taken nothing, where it is out of service
     */
    record RegionView(
            String store, boolean inService, Optional<Instant> since, Optional<String> reason) {}

    /**
     * Every configured store.
     *
     * @param epoch of the newest decision
     */
    record RegionList(long epoch, List<RegionView> stores) {}

    /**
     * A wish for a failback.
     *
     * @param by who asks, for the record
     */
    record FailbackWish(@Schema(required = true) @Nullable String by) {}

    /**
     * What became of a request for a failback.
     *
     * @param state {@code comparing}, {@code returned} or {@code refused}
     * @param objects how many were compared
     * @param differences how many a store lacks or has otherwise
     */
    record FailbackView(
            String request,
            String store,
            @Schema(enumeration = {"comparing", "returned", "refused"}) String state,
            Optional<String> reason,
            long objects,
            long differences,
            List<String> examples) {

        static FailbackView comparing(StoreName store, String request) {
            return new FailbackView(
                    request, store.value(), "comparing", Optional.empty(), 0, 0, List.of());
        }

        static FailbackView of(RegionEvent answer, String request) {
            return switch (answer) {
                case RegionReturned returned ->
                        new FailbackView(
                                request,
                                returned.store().value(),
                                "returned",
                                Optional.empty(),
                                returned.objects(),
                                0,
                                List.of());
                case FailbackRefused refused ->
                        new FailbackView(
                                request,
                                refused.store().value(),
                                "refused",
                                Optional.of(refused.reason()),
                                0,
                                refused.differences(),
                                refused.examples());
                default -> comparing(answer.store(), request);
            };
        }
    }

    @GET
    @Operation(operationId = "listRegions", summary = "Which stores are in service")
    public RegionList list() {
        Regions known = regions.regions();
        return new RegionList(
                known.epoch(),
                config.stores().keySet().stream().map(store -> view(store, known)).toList());
    }

    private static RegionView view(StoreName store, Regions known) {
        Optional<RegionFailedOver> failure = known.failure(store);
        return new RegionView(
                store.value(),
                failure.isEmpty(),
                failure.map(RegionFailedOver::since),
                failure.map(RegionFailedOver::reason));
    }

    @POST
    @Path("/{store}/failback")
    @Consumes(MediaType.APPLICATION_JSON)
    @Operation(
            operationId = "requestFailback",
            summary =
                    "Asks for a store that is out of service to return, once it was found to hold the same as the others")
    @APIResponseSchema(
            value = FailbackView.class,
            responseCode = "202",
            responseDescription = "The stores are compared; Location says what comes of it.")
    public RestResponse<FailbackView> request(@RestPath String store, @Nullable FailbackWish wish) {
        String by = wish == null ? null : wish.by();
        if (by == null) {
            throw new CairnException(
                    ErrorCode.REQUEST_INVALID, "by is missing", "send {\"by\": …}");
        }
        StoreName name = new StoreName(store);
        String request = failbacks.request(name, by);
        return RestResponse.ResponseBuilder.create(
                        RestResponse.Status.ACCEPTED, FailbackView.comparing(name, request))
                .location(URI.create(Api.ROOT + "/regions/" + name + "/failback/" + request))
                .build();
    }

    @GET
    @Path("/{store}/failback/{request}")
    @Operation(operationId = "showFailback", summary = "What became of a request for a failback")
    public FailbackView show(@RestPath String store, @RestPath String request) {
        StoreName name = new StoreName(store);
        return failbacks
                .answer(name, request)
                .map(answer -> FailbackView.of(answer, request))
                .orElseGet(() -> FailbackView.comparing(name, request));
    }
}
