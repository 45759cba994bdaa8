package io.cairn.catalog.rebuild.rest;

import io.cairn.catalog.rebuild.CatalogRebuild;
import io.cairn.catalog.rebuild.Unreadable;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.inject.Inject;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import java.util.List;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;

@Path("/catalog")
@Produces(MediaType.APPLICATION_JSON)
@RunOnVirtualThread
@Tag(name = "catalog")
class RebuildResource {

    private final CatalogRebuild rebuild;

    @Inject
    RebuildResource(CatalogRebuild rebuild) {
        this.rebuild = rebuild;
    }

    /**
     * What was found in the buckets.
     *
     * @param incomplete copies whose commit object is there and some parts are not
     * @param unreadable objects that are not what their key says
     */
    record Rebuilt(
            int backups,
            int records,
            List<IncompleteView> incomplete,
            List<UnreadableView> unreadable) {

        static Rebuilt of(CatalogRebuild.Report report) {
            return new Rebuilt(
                    report.backups(),
                    report.records(),
                    report.incomplete().stream().map(IncompleteView::of).toList(),
                    report.unreadable().stream().map(UnreadableView::of).toList());
        }
    }

    record IncompleteView(String store, String run, int missing) {

        static IncompleteView of(CatalogRebuild.Incomplete copy) {
            return new IncompleteView(copy.store().value(), copy.run(), copy.missing());
        }
    }

    record UnreadableView(String store, String key, String code, String message) {

        static UnreadableView of(Unreadable object) {
            return new UnreadableView(
                    object.store().value(),
                    object.key().value(),
                    object.reason().code().name(),
                    object.reason().getMessage());
        }
    }

    @POST
    @Path("/rebuild")
    @Operation(
            operationId = "rebuildCatalog",
            summary =
                    "Reproduces backups, chains, keys and verification records from the buckets alone")
    public Rebuilt rebuild() {
        return Rebuilt.of(rebuild.run());
    }
}
