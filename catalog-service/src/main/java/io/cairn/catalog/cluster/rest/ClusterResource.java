package io.cairn.catalog.cluster.rest;

import io.cairn.catalog.cluster.Clusters;
import io.cairn.catalog.key.ShreddedKeys;
import io.cairn.model.ClusterName;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.inject.Inject;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import java.util.List;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jboss.resteasy.reactive.RestPath;

@Path("/clusters")
@Produces(MediaType.APPLICATION_JSON)
@RunOnVirtualThread
@Tag(name = "clusters")
class ClusterResource {

    private final Clusters clusters;
    private final ShreddedKeys keys;

    @Inject
    ClusterResource(Clusters clusters, ShreddedKeys keys) {
        this.clusters = clusters;
        this.keys = keys;
    }

    /** Not paged: there are as many as the configuration names, and everybody wants to see all. */
    @GET
    @Operation(operationId = "listClusters", summary = "Every cluster, and whether it is protected")
    public List<ClusterView> list() {
        return clusters.all().stream().map(cluster -> ClusterView.of(cluster, keys)).toList();
    }

    @GET
    @Path("/{name}")
    @Operation(operationId = "getCluster", summary = "A cluster, and whether it is protected")
    public ClusterView get(@RestPath String name) {
        return ClusterView.of(clusters.named(new ClusterName(name)), keys);
    }
}
