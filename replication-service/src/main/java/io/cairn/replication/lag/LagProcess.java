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
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jboss.logging.Logger;

/** Measures the lag of every configured copy, and publishes when one is behind. */
@ApplicationScoped
class LagProcess {

    private static final Logger LOG = Logger.getLogger(LagProcess.class);

    private final LagTracker tracker;
    private final LagSettings settings;
    private final EventPublisher events;
    private final InstantSource clock;
    private final MeterRegistry meters;
    private final LagWatch watch;
    private final List<Route> routes;
    private final ScheduledExecutorService timer =
            Executors.newSingleThreadScheduledExecutor(
                    Thread.ofPlatform().daemon().name("lag").factory());

    @Inject
    LagProcess(
            CairnConfig config,
            LagTracker tracker,
            LagSettings settings,
            EventPublisher events,
            InstantSource clock,
            MeterRegistry meters) {
        this.tracker = tracker;
        this.settings = settings.checked();
        this.events = events;
        this.clock = clock;
        this.meters = meters;
        this.watch = new LagWatch(tracker, settings.threshold(), settings.reminder());
        this.routes = new Routes(config).all().toList();
    }

    void onStart(@Observes StartupEvent event) {
        for (Route route : routes) {
            Gauge.builder(MetricNames.REPLICATION_LAG, () -> lagSeconds(route.copy()))
                    .description(
                            "Age of the oldest object that is in the source and not in the copy")
                    .tag(MetricNames.CLUSTER, route.cluster().value())
                    .tag(MetricNames.STORE, route.target().value())
                    .register(meters);
        }
        long period = settings.every().toMillis();
        var _ = timer.scheduleWithFixedDelay(this::look, period, period, TimeUnit.MILLISECONDS);
    }

    private double lagSeconds(Copy copy) {
        return tracker.lag(copy, clock.instant()).toMillis() / 1000.0;
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
        for (ReplicationLagged lagged : watch.look(routes, clock.instant())) {
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
