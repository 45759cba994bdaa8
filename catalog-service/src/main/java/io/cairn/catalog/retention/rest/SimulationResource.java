package io.cairn.catalog.retention.rest;

import io.cairn.catalog.backup.rest.CopyView.LockView;
import io.cairn.catalog.lock.PolicyLocks;
import io.cairn.catalog.lock.PolicyLocks.PlannedLock;
import io.cairn.catalog.retention.ClusterRetention;
import io.cairn.config.CairnConfig;
import io.cairn.config.ClusterConfig;
import io.cairn.model.ClusterName;
import io.cairn.model.StoreName;
import io.cairn.model.Tier;
import io.cairn.model.error.CairnException;
import io.cairn.model.error.ErrorCode;
import io.cairn.model.policy.ObjectLockMode;
import io.cairn.model.policy.RunPolicy;
import io.cairn.model.policy.TierPolicy;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.inject.Inject;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import java.time.Duration;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jspecify.annotations.Nullable;

@Path("/policies/simulations")
@Produces(MediaType.APPLICATION_JSON)
@Consumes(MediaType.APPLICATION_JSON)
@RunOnVirtualThread
@Tag(name = "retention")
class SimulationResource {

    private static final String UNLOCKED = "none";

    private final CairnConfig config;
    private final ClusterRetention retention;
    private final PolicyLocks locks;

    @Inject
    SimulationResource(CairnConfig config, ClusterRetention retention, PolicyLocks locks) {
        this.config = config;
        this.retention = retention;
        this.locks = locks;
    }

    /** Policies to try; the tiers that are not named stay as they are. */
    record Simulation(@Schema(required = true) @Nullable List<Changed> tiers) {}

    /**
     * @param retention ISO 8601, {@code PT2160H}
     * @param pointInTimeWindow ISO 8601, at most the retention
     * @param copies stores
     * @param lock absent: as it is
     */
    record Changed(
            @Schema(required = true) @Nullable String tier,
            @Schema(required = true) @Nullable String retention,
            @Schema(required = true) @Nullable String pointInTimeWindow,
            @Schema(required = true) @Nullable List<String> copies,
            @Schema(enumeration = {"none", "governance", "compliance"}) @Nullable String lock) {}

    /**
     * @param now under the policy in force
     * @param then under the one that is tried
     * @param locks of the copies that have one, or would have one; oldest first
     */
    record Compared(
            String cluster, String tier, PlanView now, PlanView then, List<LockChange> locks) {}

    /**
     * The lock of a complete copy, that the catalog knows of.
     *
     * @param now absent: it is not locked
     * @param then until the tier's retention and the longest chain have passed; never less than
     *     {@code now}
     */
    record LockChange(
            String systemIdentifier,
            String label,
            String store,
            Optional<LockView> now,
            LockView then) {

        static LockChange of(PlannedLock planned) {
            return new LockChange(
                    planned.backup().root().systemIdentifier().toString(),
                    planned.backup().label().value(),
                    planned.store().value(),
                    planned.now().map(LockView::of),
                    LockView.of(planned.then()));
        }
    }

    record Simulated(List<Compared> clusters) {}

    @POST
    @Operation(
            operationId = "simulatePolicy",
            summary =
                    "What changed policies would keep, remove and lock, on the real buckets; nothing"
                            + " is changed")
    public Simulated simulate(@Nullable Simulation simulation) {
        if (simulation == null || simulation.tiers() == null || simulation.tiers().isEmpty()) {
            throw invalid("no tier is named", "send {\"tiers\": [{\"tier\": \"oltp\", …}]}");
        }
        List<TierPolicy> policies = simulation.tiers().stream().map(this::policy).toList();
        List<Compared> compared = new ArrayList<>();
        for (TierPolicy policy : policies) {
            List<ClusterName> clusters =
                    config.clusters().values().stream()
                            .filter(cluster -> cluster.tier() == policy.tier())
                            .map(ClusterConfig::name)
                            .toList();
            if (!clusters.isEmpty()) {
                compared.addAll(compare(clusters, policy));
            }
        }
        return new Simulated(compared);
    }

    private List<Compared> compare(List<ClusterName> clusters, TierPolicy policy) {
        Map<ClusterName, List<PlannedLock>> planned = locks.of(policy);
        return clusters.stream()
                .map(cluster ->
                        new Compared(
                                cluster.value(),
                                policy.tier().id(),
                                PlanView.of(cluster, retention.propose(cluster)),
                                PlanView.of(cluster, retention.propose(cluster, policy)),
                                planned.getOrDefault(cluster, List.of()).stream()
                                        .map(LockChange::of)
                                        .toList()))
                .toList();
    }

    private TierPolicy policy(Changed changed) {
        Tier tier = Tier.parse(RetentionResource.required(changed.tier(), "tier"));
        Duration keep = duration(changed.retention(), "retention");
        Duration window = duration(changed.pointInTimeWindow(), "pointInTimeWindow");
        if (window.compareTo(keep) > 0) {
            throw invalid(
                    "the point-in-time window of " + tier + " is longer than its retention",
                    "make pointInTimeWindow at most as long as retention");
        }
        TierPolicy inForce = config.policy(tier);
        RunPolicy run = inForce.run();
        return new TierPolicy(
                tier,
                window,
                new RunPolicy(
                        keep,
                        run.rto(),
                        run.rpo(),
                        copies(changed.copies()),
                        run.gzipLevel(),
                        run.volumeBytes()),
                inForce.schedules(),
                inForce.wal(),
                lock(changed.lock(), inForce));
    }

    private static Optional<ObjectLockMode> lock(@Nullable String mode, TierPolicy inForce) {
        if (mode == null) {
            return inForce.lock();
        }
        return mode.equals(UNLOCKED) ? Optional.empty() : Optional.of(ObjectLockMode.parse(mode));
    }

    private List<StoreName> copies(@Nullable List<String> names) {
        if (names == null || names.isEmpty()) {
            throw invalid("copies is missing", "name at least one store");
        }
        List<StoreName> copies = names.stream().map(StoreName::new).distinct().toList();
        // Said by name, with those that there are.
        copies.forEach(config::store);
        return copies;
    }

    private static Duration duration(@Nullable String text, String what) {
        try {
            Duration duration = Duration.parse(RetentionResource.required(text, what));
            if (duration.isPositive()) {
                return duration;
            }
        } catch (DateTimeParseException _) {
            // Said below, as for what is not positive.
        }
        throw invalid(what + " '" + text + "' is no duration", "write it as PT2160H");
    }

    private static CairnException invalid(String message, String hint) {
        return new CairnException(ErrorCode.REQUEST_INVALID, message, hint);
    }
}
