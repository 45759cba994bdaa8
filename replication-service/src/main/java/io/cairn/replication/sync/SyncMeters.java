package io.cairn.replication.sync;

import io.cairn.model.ClusterName;
import io.cairn.service.metrics.MetricNames;
import io.cairn.sync.SyncReport;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/** What is measured of comparisons, by cluster. Thread-safe. */
final class SyncMeters {

    static final String LAST = "cairn_sync_last_timestamp_seconds";
    static final String WRONG = "cairn_sync_wrong_objects";
    static final String REPAIRED = "cairn_sync_repaired_total";

    private final MeterRegistry registry;
    private final Map<ClusterName, SyncReport> last = new ConcurrentHashMap<>();

    SyncMeters(MeterRegistry registry) {
        this.registry = registry;
    }

    void compared(SyncReport report) {
        ClusterName cluster = report.cluster();
        if (last.put(cluster, report) == null) {
            gauge(
                    LAST,
                    "When the stores were last compared to the end",
                    cluster,
                    one -> one.endedAt().getEpochSecond());
            gauge(
                    WRONG,
                    "Objects that were missing, damaged or lost then and could not be repaired",
                    cluster,
                    one ->
                            one.missing()
                                    + one.damaged()
                                    - one.repaired()
                                    + one.lost()
                                    + one.undecided());
        }
        registry.counter(REPAIRED, MetricNames.CLUSTER, cluster.value())
                .increment(report.repaired());
    }

    private interface Figure {
        double of(SyncReport report);
    }

    private void gauge(String name, String description, ClusterName cluster, Figure figure) {
        Gauge.builder(
                        name,
                        () ->
                                Optional.ofNullable(last.get(cluster))
                                        .map(figure::of)
                                        .orElse(Double.NaN))
                .description(description)
                .tag(MetricNames.CLUSTER, cluster.value())
                .register(registry);
    }
}
