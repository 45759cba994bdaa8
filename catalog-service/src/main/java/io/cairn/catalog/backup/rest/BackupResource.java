package io.cairn.catalog.backup.rest;

import io.cairn.catalog.backup.BackupFilter;
import io.cairn.catalog.backup.BackupState;
import io.cairn.catalog.backup.Backups;
import io.cairn.catalog.backup.CataloguedBackup;
import io.cairn.catalog.backup.RequiredCopies;
import io.cairn.catalog.key.ShreddedKeys;
import io.cairn.catalog.rest.Paging;
import io.cairn.config.CairnConfig;
import io.cairn.model.BackupLabel;
import io.cairn.model.ClusterName;
import io.cairn.model.Tier;
import io.cairn.model.error.CairnException;
import io.cairn.model.error.ErrorCode;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.inject.Inject;
import jakarta.ws.rs.BeanParam;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.parameters.Parameter;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jboss.resteasy.reactive.RestPath;
import org.jboss.resteasy.reactive.RestQuery;
import org.jspecify.annotations.Nullable;

@Path("/backups")
@Produces(MediaType.APPLICATION_JSON)
@RunOnVirtualThread
@Tag(name = "backups")
class BackupResource {

    private final Backups backups;
    private final RequiredCopies required;
    private final ShreddedKeys keys;

    @Inject
    BackupResource(Backups backups, CairnConfig config, ShreddedKeys keys) {
        this.backups = backups;
        this.required = RequiredCopies.of(config);
        this.keys = keys;
    }

    @GET
    @Operation(operationId = "listBackups", summary = "Backups, newest first")
    public BackupPage list(
            @RestQuery @Nullable String cluster,
            @RestQuery @Nullable String tier,
            @RestQuery @Nullable String state,
            @BeanParam Paging paging) {
        BackupFilter filter =
                new BackupFilter(
                        Optional.ofNullable(cluster).map(ClusterName::new),
                        Optional.ofNullable(tier).map(Tier::parse),
                        Optional.ofNullable(state).map(BackupResource::state));
        return BackupPage.of(backups.find(filter, paging.request()).map(this::view));
    }

    private static BackupState state(String id) {
        try {
            return BackupState.valueOf(id.toUpperCase(Locale.ROOT));
        } catch (IllegalArgumentException e) {
            throw new CairnException(
                    ErrorCode.REQUEST_INVALID,
                    "'" + id + "' is not the state of a backup",
                    "use damaged, shredded, invalid, protected, verified or complete",
                    e);
        }
    }

    private BackupView view(CataloguedBackup backup) {
        return BackupView.of(backup, required.of(backup.backup().tier()), keys);
    }

    @GET
    @Path("/{label}")
    @Operation(
            operationId = "getBackup",
            summary = "A backup with what was found out about its copies")
    public BackupDetail get(
            @RestPath @Parameter(example = "20261122T020000Z-F") String label,
            @RestQuery
                    @Parameter(
                            description =
                                    "Needed where several clusters have a backup of that label.")
                    @Nullable String cluster) {
        CataloguedBackup backup =
                one(new BackupLabel(label), Optional.ofNullable(cluster).map(ClusterName::new));
        return new BackupDetail(
                view(backup),
                backups.history(backup.backup()).stream().map(RecordView::of).toList());
    }

    private CataloguedBackup one(BackupLabel label, Optional<ClusterName> cluster) {
        List<CataloguedBackup> found = backups.named(label, cluster);
        if (found.isEmpty()) {
            throw new CairnException(
                    ErrorCode.BACKUP_NOT_FOUND,
                    "no backup "
                            + label
                            + cluster.map(name -> " of " + name).orElse("")
                            + " is known",
                    "GET /api/v1/backups lists those that are");
        }
        List<String> clusters =
                found.stream().map(one -> one.backup().cluster().value()).distinct().toList();
        if (clusters.size() > 1) {
            throw new CairnException(
                    ErrorCode.REQUEST_INVALID,
                    clusters.size() + " clusters have a backup " + label,
                    "say which: "
                            + clusters.stream()
                                    .map(name -> "?cluster=" + name)
                                    .collect(Collectors.joining(" or ")));
        }
        // Two attempts of one label: the lower one is the one that keeps the name (they sort by
        // attempt).
        return found.getFirst();
    }
}
