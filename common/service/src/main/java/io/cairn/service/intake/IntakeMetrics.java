package io.cairn.service.intake;

import io.cairn.service.metrics.MetricNames;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.function.ToLongFunction;

/**
 * What an intake does, as {@link MetricNames#INTAKE_RUNNING} and {@link
 * MetricNames#INTAKE_OUTCOMES}.
 */
public final class IntakeMetrics {

    private IntakeMetrics() {}

    /** Measures the intake as long as it lives. */
    public static void bind(ShareGroupIntake intake, MeterRegistry registry) {
        Gauge.builder(MetricNames.INTAKE_RUNNING, intake, ShareGroupIntake::running)
                .tag(MetricNames.GROUP, intake.settings().group())
                .description("Records that are worked on now")
                .register(registry);
        count(intake, registry, "done", IntakeCounts::done);
        count(intake, registry, "retried", IntakeCounts::retried);
        count(intake, registry, "dead_lettered", IntakeCounts::deadLettered);
        count(intake, registry, "lost", IntakeCounts::lost);
    }

    private static void count(
            ShareGroupIntake intake,
            MeterRegistry registry,
            String outcome,
            ToLongFunction<IntakeCounts> count) {
        FunctionCounter.builder(
                        MetricNames.INTAKE_OUTCOMES, intake, it -> count.applyAsLong(it.counts()))
                .tag(MetricNames.GROUP, intake.settings().group())
                .tag(MetricNames.OUTCOME, outcome)
                .description("Records by what became of them")
                .register(registry);
    }
}
