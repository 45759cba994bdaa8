package io.cairn.validator.intake;

import io.cairn.events.CairnEvent;
import io.cairn.events.DrillSkipped;
import io.cairn.events.RestoreDrillCompleted;
import io.cairn.events.ValidationFailed;
import io.cairn.events.ValidationPassed;
import io.cairn.model.ClusterName;
import io.cairn.service.metrics.MetricNames;
import io.micrometer.core.instrument.MeterRegistry;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;

/** What a validator measures. Thread-safe. */
@ApplicationScoped
class ProofMetrics {

    private static final String STAGE = "stage";
    private static final String NONE = "none";

    private final MeterRegistry registry;

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
            }
            default -> {
                // A proof tells nothing else.
            }
        }
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
