package io.cairn.replication.copy;

import io.cairn.model.StoreName;
import io.cairn.model.error.CairnException;
import io.cairn.service.metrics.MetricNames;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;

/** What is counted about copies, by target store. */
public final class CopyMeters {

    static final String REFUSED = "cairn_replication_refused_total";
    static final String HINTS_DROPPED = "cairn_replication_hints_dropped_total";
    static final String BACKLOG = "cairn_replication_backlog";

    private final MeterRegistry meters;
    private final StoreName target;

    public CopyMeters(MeterRegistry meters, StoreName target) {
        this.meters = meters;
        this.target = target;
    }

    void watch(Backlog backlog) {
        Gauge.builder(BACKLOG, backlog, Backlog::size)
                .description("Stored objects waiting to be copied while their backup runs")
                .tag(MetricNames.STORE, target.value())
                .register(meters);
    }

    public void copied(long bytes) {
        meters.counter(MetricNames.REPLICATED, MetricNames.STORE, target.value()).increment(bytes);
    }

    /** Bytes that are wrong somewhere; alerts. */
    public void refused(CairnException why) {
        meters.counter(
                        REFUSED,
                        MetricNames.STORE,
                        target.value(),
                        MetricNames.CODE,
                        why.code().name())
                .increment();
    }

    void hintDropped() {
        meters.counter(HINTS_DROPPED, MetricNames.STORE, target.value()).increment();
    }
}
