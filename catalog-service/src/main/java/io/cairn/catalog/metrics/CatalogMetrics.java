package io.cairn.catalog.metrics;

import static io.cairn.service.metrics.MetricNames.CLUSTER;
import static io.cairn.service.metrics.MetricNames.OBJECTIVE_ACTUAL;
import static io.cairn.service.metrics.MetricNames.OBJECTIVE_TARGET;
import static io.cairn.service.metrics.MetricNames.OUTSTANDING_RUNS;
import static io.cairn.service.metrics.MetricNames.RTO_FORECAST;
import static io.cairn.service.metrics.MetricNames.STORE;
import static io.cairn.service.metrics.MetricNames.TIER;

import io.cairn.catalog.backup.Backup;
import io.cairn.catalog.backup.CataloguedBackup;
import io.cairn.catalog.backup.PendingRecords;
import io.cairn.catalog.cluster.Assessment;
import io.cairn.catalog.cluster.ClusterStanding;
import io.cairn.catalog.cluster.Clusters;
import io.cairn.catalog.cluster.ProtectedCluster;
import io.cairn.catalog.cluster.Protection;
import io.cairn.catalog.run.Runs;
import io.cairn.model.Tier;
import io.cairn.model.wal.RecoverableWindow;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.MultiGauge;
import io.micrometer.core.instrument.MultiGauge.Row;
import io.micrometer.core.instrument.Tags;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Stream;

/**
 * What the record says, as gauges. A scrape asks the database nothing: it sees what {@link
 * #refresh} last found.
 */
@ApplicationScoped
public class CatalogMetrics {

    static final String LAST_COMPLETED = "cairn_last_backup_completed_timestamp_seconds";
    static final String LAST_VERIFIED = "cairn_last_verified_timestamp_seconds";
    static final String BYTES_IN = "cairn_backup_bytes_in";
    static final String BYTES_STORED = "cairn_backup_bytes_stored";
    static final String PROTECTED = "cairn_cluster_protected";
    static final String RECOVERABLE_UNTIL = "cairn_recoverable_until_timestamp_seconds";
    static final String UNSTORED_RECORDS = "cairn_catalog_unstored_records";

    private static final String OBJECTIVE = "objective";

    private final Clusters clusters;
    private final Runs runs;
    private final PendingRecords records;
    private final MeterRegistry registry;
    private final List<ClusterGauge> perCluster = new ArrayList<>();
    private final MultiGauge recoverableUntil;
    private final MultiGauge outstanding;
    private final MultiGauge unstored;
    private final MultiGauge objectiveActual;
    private final MultiGauge objectiveTarget;

    /** A gauge with one value for each cluster that has one. */
    private record ClusterGauge(
            MultiGauge gauge, Function<ProtectedCluster, Optional<Number>> value) {}

    @Inject
    CatalogMetrics(Clusters clusters, Runs runs, PendingRecords records, MeterRegistry registry) {
        this.clusters = clusters;
        this.runs = runs;
        this.records = records;
        this.registry = registry;
        perCluster(
                LAST_COMPLETED,
                "When the newest backup that is neither damaged nor invalid was complete",
                cluster ->
                        of(
                                cluster,
                                ClusterStanding::lastRestorable,
                                backup -> seconds(backup.completedAt())));
        perCluster(
                LAST_VERIFIED,
                "When the newest verified backup was complete",
                cluster ->
                        of(
                                cluster,
                                ClusterStanding::lastVerified,
                                backup -> seconds(backup.completedAt())));
        perCluster(
                BYTES_IN,
                "Bytes of the newest backup before compression",
                cluster -> of(cluster, ClusterStanding::last, Backup::bytesIn));
        perCluster(
                BYTES_STORED,
                "Stored bytes of the newest backup",
                cluster -> of(cluster, ClusterStanding::last, Backup::bytesStored));
        perCluster(
                PROTECTED,
                "1 if a backup is verified and complete in every copy, else 0",
                cluster ->
                        Optional.of(cluster.protection() instanceof Protection.Protected ? 1 : 0));
        perCluster(
                RTO_FORECAST,
                "How long a restore will take in 30 days, at the growth of the last 30",
                cluster -> cluster.rtoForecast().map(forecast -> seconds(forecast.rto())));
        this.recoverableUntil =
                gauge(
                        RECOVERABLE_UNTIL,
                        "The newest moment that can be recovered from the store; its age is the actual RPO");
        this.outstanding = gauge(OUTSTANDING_RUNS, "Runs that are queued or running");
        this.unstored = gauge(UNSTORED_RECORDS, "Records that are not yet written as objects");
        this.objectiveActual = gauge(OBJECTIVE_ACTUAL, "What the last monitoring check measured");
        this.objectiveTarget = gauge(OBJECTIVE_TARGET, "What the tier promises");
    }

    private void perCluster(
            String name, String description, Function<ProtectedCluster, Optional<Number>> value) {
        perCluster.add(new ClusterGauge(gauge(name, description), value));
    }

    private MultiGauge gauge(String name, String description) {
        return MultiGauge.builder(name).description(description).register(registry);
    }

    private static Optional<Number> of(
            ProtectedCluster cluster,
            Function<ClusterStanding, Optional<CataloguedBackup>> which,
            Function<Backup, Number> value) {
        return which.apply(cluster.standing()).map(CataloguedBackup::backup).map(value);
    }

    private static double seconds(Instant time) {
        return time.toEpochMilli() / 1000.0;
    }

    private static double seconds(Duration duration) {
        return duration.toMillis() / 1000.0;
    }

    /** Looks everything up again. Blocking; one caller at a time. */
    public void refresh() {
        List<ProtectedCluster> known = clusters.all();
        perCluster.forEach(gauge -> gauge.gauge().register(rows(known, gauge.value()), true));
        recoverableUntil.register(windows(known), true);
        objectiveActual.register(assessments(known, assessment -> assessment.actual()), true);
        objectiveTarget.register(
                assessments(known, assessment -> Optional.of(assessment.target())), true);
        Map<Tier, Long> active = runs.outstanding();
        outstanding.register(
                Stream.of(Tier.values())
                        .map(tier ->
                                Row.of(Tags.of(TIER, tier.id()), active.getOrDefault(tier, 0L)))
                        .toList(),
                true);
        unstored.register(List.of(Row.of(Tags.empty(), records.count())), true);
    }

    private static List<Row<?>> rows(
            List<ProtectedCluster> clusters, Function<ProtectedCluster, Optional<Number>> value) {
        List<Row<?>> rows = new ArrayList<>();
        clusters.forEach(cluster ->
                value.apply(cluster).ifPresent(number -> rows.add(Row.of(tags(cluster), number))));
        return rows;
    }

    private static List<Row<?>> windows(List<ProtectedCluster> clusters) {
        List<Row<?>> rows = new ArrayList<>();
        for (ProtectedCluster cluster : clusters) {
            for (RecoverableWindow window : cluster.standing().wal().windows()) {
                rows.add(
                        Row.of(
                                tags(cluster).and(STORE, window.store().value()),
                                seconds(window.latest().time())));
            }
        }
        return rows;
    }

    private static List<Row<?>> assessments(
            List<ProtectedCluster> clusters, Function<Assessment, Optional<Duration>> value) {
        List<Row<?>> rows = new ArrayList<>();
        for (ProtectedCluster cluster : clusters) {
            for (Assessment assessment : cluster.standing().assessments()) {
                Tags tags = tags(cluster).and(OBJECTIVE, assessment.objective().id());
                value.apply(assessment)
                        .ifPresent(duration -> rows.add(Row.of(tags, seconds(duration))));
            }
        }
        return rows;
    }

    private static Tags tags(ProtectedCluster cluster) {
        return Tags.of(
                CLUSTER,
                cluster.name().value(),
                TIER,
                cluster.tier().map(Tier::id).orElse("unknown"));
    }
}
