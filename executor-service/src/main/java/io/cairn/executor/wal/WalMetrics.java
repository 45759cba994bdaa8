package io.cairn.executor.wal;

import io.cairn.model.ClusterName;
import io.cairn.service.metrics.MetricNames;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/**
 * What an executor measures of its streams. The age of what can be recovered is there for the
 * clusters whose stream this executor holds, and grows while nothing is stored.
 */
@ApplicationScoped
class WalMetrics implements WalMeter {

    static final String RECEIVED = "cairn_wal_received_bytes_total";
    static final String STORED = "cairn_wal_stored_bytes_total";
    static final String GAPS = "cairn_wal_gaps_total";
    static final String FAILURES = "cairn_wal_stream_failures_total";
    static final String HELD = "cairn_wal_streams_held";
    static final String AGE = "cairn_wal_recoverable_age_seconds";

    private static final double MILLIS = 1000.0;

    private final MeterRegistry registry;
    private final InstantSource clock;
    private final Map<ClusterName, Stream> streams = new ConcurrentHashMap<>();

    /** A stream that is held, and its gauge. */
    private static final class Stream {
        private volatile Optional<Instant> recoverableUntil = Optional.empty();
        private volatile Optional<Gauge> age = Optional.empty();
    }

    @Inject
    WalMetrics(MeterRegistry registry, InstantSource clock) {
        this.registry = registry;
        this.clock = clock;
        Gauge.builder(HELD, streams, Map::size)
                .description("WAL streams that this executor holds now")
                .register(registry);
    }

    @Override
    public void received(ClusterName cluster, long bytes) {
        registry.counter(RECEIVED, MetricNames.CLUSTER, cluster.value()).increment(bytes);
    }

    @Override
    public void stored(ClusterName cluster, long bytes) {
        registry.counter(STORED, MetricNames.CLUSTER, cluster.value()).increment(bytes);
    }

    @Override
    public void held(ClusterName cluster, Optional<Instant> recoverableUntil) {
        Stream stream = streams.computeIfAbsent(cluster, ignored -> new Stream());
        stream.recoverableUntil = recoverableUntil;
        if (stream.age.isEmpty()) {
            stream.age =
                    Optional.of(
                            Gauge.builder(AGE, stream, this::age)
                                    .description(
                                            "How long ago everything was stored that was committed")
                                    .tag(MetricNames.CLUSTER, cluster.value())
                                    .register(registry));
        }
    }

    private double age(Stream stream) {
        return stream.recoverableUntil
                .map(until -> Duration.between(until, clock.instant()).toMillis() / MILLIS)
                .orElse(Double.NaN);
    }

    @Override
    public void left(ClusterName cluster) {
        Optional.ofNullable(streams.remove(cluster))
                .flatMap(stream -> stream.age)
                .ifPresent(registry::remove);
    }

    @Override
    public void gap(ClusterName cluster) {
        registry.counter(GAPS, MetricNames.CLUSTER, cluster.value()).increment();
    }

    @Override
    public void failed(ClusterName cluster, String code) {
        registry.counter(FAILURES, MetricNames.CLUSTER, cluster.value(), MetricNames.CODE, code)
                .increment();
    }
}
