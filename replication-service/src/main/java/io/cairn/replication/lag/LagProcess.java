package io.cairn.replication.lag;

import io.cairn.config.CairnConfig;
import io.cairn.events.ReplicationLagged;
import io.cairn.model.error.CairnException;
import io.cairn.replication.route.Copy;
import io.cairn.replication.route.Route;
import io.cairn.replication.route.Routes;
import io.cairn.service.events.EventPublisher;
import io.cairn.service.metrics.MetricNames;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Inject;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.BiFunction;
import org.jboss.logging.Logger;

/** Measures the lag of every configured copy, and publishes when one is behind. */
@ApplicationScoped
class LagProcess {

    private static final Logger LOG = Logger.getLogger(LagProcess.class);

    static final String WAL_LAG = "cairn_replication_wal_lag_seconds";

    private final LagTracker tracker;
    private final WalLags wal;
    private final LagSettings settings;
    private final EventPublisher events;
    private final InstantSource clock;
    private final MeterRegistry meters;
    private final LagWatch watch;
    private final List<Route> routes;
    private final List<Route> watched;
    private final ScheduledExecutorService timer =
            Executors.newSingleThreadScheduledExecutor(
                    Thread.ofPlatform().daemon().name("lag").factory());

    @Inject
    LagProcess(
            CairnConfig config,
            LagTracker tracker,
            WalLags wal,
            LagSettings settings,
            EventPublisher events,
            InstantSource clock,
            MeterRegistry meters) {
        this.tracker = tracker;
        this.settings = settings.checked();
        this.events = events;
        this.clock = clock;
        this.meters = meters;
        this.wal = wal;
        this.watch = new LagWatch(this::lag, settings.threshold(), settings.reminder());
        this.routes = new Routes(config).all().toList();
        this.watched = watched(routes, wal.routes());
    }

    void onStart(@Observes StartupEvent event) {
        for (Route route : routes) {
            gauge(
                    MetricNames.REPLICATION_LAG,
                    "Age of the oldest object that is in the source and not in the copy",
                    route,
                    tracker::lag);
        }
        for (Route route : wal.routes()) {
            gauge(
                    WAL_LAG,
                    "Age of the oldest WAL object that another store of the policy has and this one lacks",
                    route,
                    wal::lag);
        }
        long period = settings.every().toMillis();
        var _ = timer.scheduleWithFixedDelay(this::look, period, period, TimeUnit.MILLISECONDS);
    }

    private void gauge(
            String name, String description, Route route, BiFunction<Copy, Instant, Duration> lag) {
        Gauge.builder(name, () -> lag.apply(route.copy(), clock.instant()).toMillis() / 1000.0)
                .description(description)
                .tag(MetricNames.CLUSTER, route.cluster().value())
                .tag(MetricNames.STORE, route.target().value())
                .register(meters);
    }

    /** With all that there is to be copied. */
    private Duration lag(Copy copy, Instant now) {
        Duration backups = tracker.lag(copy, now);
        Duration stream = wal.lag(copy, now);
        return backups.compareTo(stream) >= 0 ? backups : stream;
    }

    /** The ways of backups, and those of WAL that lead back to the active store. */
    private static List<Route> watched(List<Route> backups, List<Route> wal) {
        Map<Copy, Route> all = new LinkedHashMap<>();
        backups.forEach(route -> all.put(route.copy(), route));
        wal.forEach(route -> all.putIfAbsent(route.copy(), route));
        return List.copyOf(all.values());
    }

    /** A timer drops a task that throws, and nobody would measure any more. */
    private void look() {
        try {
            publishLagging();
        } catch (RuntimeException e) {
            LOG.error("The lag of the copies could not be measured; the next round tries again", e);
        }
    }

    private void publishLagging() {
        for (ReplicationLagged lagged : watch.look(watched, clock.instant())) {
            LOG.warnf(
                    "The copy of '%s' in store '%s' is %d s behind; the limit is %d s",
                    lagged.cluster(),
                    lagged.target(),
                    lagged.lag().toSeconds(),
                    lagged.threshold().toSeconds());
            try {
                events.publish(lagged);
                watch.told(lagged);
            } catch (CairnException e) {
                // It stays to be told; the next look tries again.
                LOG.warnf("%s: %s", e.code(), e.messageWithHint());
            }
        }
    }

    void onStop(@Observes ShutdownEvent event) {
        timer.shutdownNow();
    }
}
