package io.cairn.catalog.run.rest;

import io.cairn.catalog.rest.Paging;
import io.cairn.catalog.run.RunFilter;
import io.cairn.catalog.run.RunState;
import io.cairn.catalog.run.Runs;
import io.cairn.model.BackupKind;
import io.cairn.model.ClusterName;
import io.cairn.model.RunId;
import io.cairn.model.Tier;
import io.cairn.model.error.CairnException;
import io.cairn.model.error.ErrorCode;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.inject.Inject;
import jakarta.ws.rs.BeanParam;
import jakarta.ws.rs.DefaultValue;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.parameters.Parameter;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jboss.resteasy.reactive.RestPath;
import org.jboss.resteasy.reactive.RestQuery;
import org.jspecify.annotations.Nullable;

@Path("/runs")
@Produces(MediaType.APPLICATION_JSON)
@RunOnVirtualThread
@Tag(name = "runs")
class RunResource {

    private final Runs runs;
    private final InstantSource clock;

    @Inject
    RunResource(Runs runs, InstantSource clock) {
        this.runs = runs;
        this.clock = clock;
    }

    @GET
    @Operation(operationId = "listRuns", summary = "Runs, newest first")
    public RunPage list(
            @RestQuery @Nullable String cluster,
            @RestQuery @Nullable String tier,
            @RestQuery @Nullable String kind,
            @RestQuery @Nullable String state,
            @RestQuery
                    @DefaultValue("false")
                    @Parameter(description = "Only what is queued or running.")
                    boolean active,
            @BeanParam Paging paging) {
        RunFilter filter =
                new RunFilter(
                        Optional.ofNullable(cluster).map(ClusterName::new),
                        Optional.ofNullable(tier).map(Tier::parse),
                        Optional.ofNullable(kind).map(BackupKind::parse),
                        states(Optional.ofNullable(state), active));
        Instant now = clock.instant();
        return RunPage.of(runs.find(filter, paging.request()).map(run -> RunView.of(run, now)));
    }

    private static Set<RunState> states(Optional<String> state, boolean active) {
        if (active && state.isPresent()) {
            throw new CairnException(
                    ErrorCode.REQUEST_INVALID,
                    "state and active exclude each other",
                    "send one of them");
        }
        return active
                ? RunFilter.ACTIVE
                : state.map(RunResource::state).map(Set::of).orElse(Set.of());
    }

    private static RunState state(String id) {
        try {
            return RunState.valueOf(id.toUpperCase(Locale.ROOT));
        } catch (IllegalArgumentException e) {
            throw new CairnException(
                    ErrorCode.REQUEST_INVALID,
                    "'" + id + "' is not the state of a run",
                    "use queued, running, completed, failed, skipped or superseded",
                    e);
        }
    }

    @GET
    @Path("/{run}")
    @Operation(operationId = "getRun", summary = "A run with its attempts")
    public RunView get(@RestPath @Parameter(example = "shop:20261122T020000Z-F") String run) {
        RunId id = RunId.parse(run);
        return runs.find(id)
                .map(found -> RunView.of(found, clock.instant()))
                .orElseThrow(() ->
                        new CairnException(
                                ErrorCode.BACKUP_NOT_FOUND,
                                "no run " + id + " is known",
                                "GET /api/v1/runs?cluster="
                                        + id.cluster()
                                        + " lists those that are"));
    }
}
