package io.cairn.executor.intake;

import io.cairn.events.BackupDue;
import io.cairn.executor.basebackup.BackupMeter;
import io.cairn.executor.basebackup.RunOutcome;
import io.cairn.model.ClusterName;
import io.cairn.model.error.ErrorCode;
import io.cairn.service.metrics.MetricNames;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/** What an executor measures. Thread-safe. */
@ApplicationScoped
class RunMetrics implements BackupMeter {

    static final String ACTIVE = "cairn_runs_active";
    static final String FAILURES = "cairn_backup_failures_total";
    static final String DROPPED = "cairn_run_events_dropped_total";

    private final MeterRegistry registry;
    private final AtomicInteger active = new AtomicInteger();
    private final Map<ClusterName, Counter> received = new ConcurrentHashMap<>();
    private final Map<ClusterName, Counter> stored = new ConcurrentHashMap<>();

    @Inject
    RunMetrics(MeterRegistry registry) {
        this.registry = registry;
        Gauge.builder(ACTIVE, active, AtomicInteger::get)
                .description("Runs that this executor works on now")
                .register(registry);
    }

    void begun() {
        active.incrementAndGet();
    }

    void left() {
        active.decrementAndGet();
    }

    void ended(BackupDue due, RunOutcome outcome, Duration took) {
        Tags tags =
                Tags.of(
                        MetricNames.CLUSTER, due.cluster().value(),
                        MetricNames.TIER, due.tier().id(),
                        MetricNames.KIND, due.kind().id());
        registry.counter(MetricNames.BACKUPS, tags.and(MetricNames.OUTCOME, name(outcome)))
                .increment();
        switch (outcome) {
            case RunOutcome.Taken _ ->
                    registry.timer(MetricNames.BACKUP_DURATION, tags).record(took);
            case RunOutcome.Failed(var failure) -> failed(due, failure.code());
            case RunOutcome.Found _, RunOutcome.Skipped _ -> {}
        }
    }

    private static String name(RunOutcome outcome) {
        return switch (outcome) {
            case RunOutcome.Taken _ -> "completed";
            case RunOutcome.Found _ -> "found";
            case RunOutcome.Skipped _ -> "skipped";
            case RunOutcome.Failed _ -> "failed";
        };
    }

    private void failed(BackupDue due, ErrorCode code) {
        registry.counter(
                        FAILURES,
                        MetricNames.CLUSTER,
                        due.cluster().value(),
                        MetricNames.CODE,
                        code.name())
                .increment();
    }

    void dropped(long events) {
        registry.counter(DROPPED).increment(events);
    }

    @Override
    public void received(ClusterName cluster, long bytes) {
        counter(received, MetricNames.BACKUP_INPUT, cluster).increment(bytes);
    }

    @Override
    public void stored(ClusterName cluster, long bytes) {
        counter(stored, MetricNames.BACKUP_STORED, cluster).increment(bytes);
    }

    private Counter counter(Map<ClusterName, Counter> counters, String name, ClusterName cluster) {
        return counters.computeIfAbsent(
                cluster, it -> registry.counter(name, MetricNames.CLUSTER, it.value()));
    }
}
