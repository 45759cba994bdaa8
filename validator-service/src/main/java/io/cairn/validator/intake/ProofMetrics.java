package io.cairn.validator.intake;

import io.cairn.events.CairnEvent;
import io.cairn.events.DrillSkipped;
import io.cairn.events.RestoreDrillCompleted;
import io.cairn.events.ValidationFailed;
import io.cairn.events.ValidationPassed;
import io.cairn.model.ClusterName;
import io.cairn.model.policy.RtoForecast;
import io.cairn.service.metrics.MetricNames;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicReference;

/** What a validator measures. Thread-safe. */
@ApplicationScoped
class ProofMetrics {

    private static final String STAGE = "stage";
    private static final String NONE = "none";

    private final MeterRegistry registry;
    private final Map<ClusterName, AtomicReference<RtoForecast>> forecasts =
            new ConcurrentHashMap<>();

    @Inject
    ProofMetrics(MeterRegistry registry) {
        this.registry = registry;
    }

    void found(CairnEvent fact) {
        switch (fact) {
            case ValidationPassed passed -> count(passed.cluster(), "bytes", "passed", NONE);
            case ValidationFailed failed ->
                    count(failed.cluster(), failed.stage(), "failed", failed.code().name());
            case DrillSkipped skipped -> count(skipped.cluster(), "drill", "skipped", NONE);
            case RestoreDrillCompleted drilled -> {
                count(drilled.cluster(), "drill", "passed", NONE);
                registry.timer(
                                MetricNames.DRILL_RTO,
                                MetricNames.CLUSTER,
                                drilled.cluster().value(),
                                MetricNames.KIND,
                                drilled.pointInTime().isPresent() ? "point-in-time" : "backup")
                        .record(drilled.rto());
                drilled.forecast().ifPresent(forecast -> forecast(drilled.cluster(), forecast));
            }
            default -> {
                // A proof tells nothing else.
            }
        }
    }

    private void forecast(ClusterName cluster, RtoForecast forecast) {
        forecasts
                .computeIfAbsent(
                        cluster,
                        _ ->
                                registry.gauge(
                                        MetricNames.RTO_FORECAST,
                                        Tags.of(MetricNames.CLUSTER, cluster.value()),
                                        new AtomicReference<>(forecast),
                                        last -> last.get().rto().toMillis() / 1000.0))
                .set(forecast);
    }

    private void count(ClusterName cluster, String stage, String outcome, String code) {
        registry.counter(
                        MetricNames.VALIDATIONS,
                        MetricNames.CLUSTER,
                        cluster.value(),
                        STAGE,
                        stage,
                        MetricNames.OUTCOME,
                        outcome,
                        MetricNames.CODE,
                        code)
                .increment();
    }
}
