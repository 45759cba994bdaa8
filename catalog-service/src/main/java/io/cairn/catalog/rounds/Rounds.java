package io.cairn.catalog.rounds;

import io.cairn.catalog.archive.Archives;
import io.cairn.catalog.backup.RecordKeeper;
import io.cairn.catalog.hold.Holds;
import io.cairn.catalog.key.ShreddedKeys;
import io.cairn.catalog.lock.Locks;
import io.cairn.catalog.metrics.CatalogMetrics;
import io.cairn.catalog.rebuild.Reconciliation;
import io.cairn.model.error.CairnException;
import io.micrometer.core.instrument.MeterRegistry;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.scheduler.Scheduled;
import io.quarkus.scheduler.Scheduled.ConcurrentExecution;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Inject;
import org.jboss.logging.Logger;

/**
 * Makes each round when its time has come, one of a kind at a time. A round that fails is counted
 * and made again.
 */
@ApplicationScoped
class Rounds {

    private static final Logger LOG = Logger.getLogger(Rounds.class);
    private static final String FAILURES = "cairn_catalog_round_failures_total";

    private final RecordKeeper records;
    private final Reconciliation reconciliation;
    private final Locks locks;
    private final Holds holds;
    private final Archives archives;
    private final ShreddedKeys keys;
    private final CatalogMetrics metrics;
    private final MeterRegistry meters;
    private volatile boolean stopping;

    @Inject
    Rounds(
            RecordKeeper records,
            Reconciliation reconciliation,
            Locks locks,
            Holds holds,
            Archives archives,
            ShreddedKeys keys,
            CatalogMetrics metrics,
            MeterRegistry meters) {
        this.records = records;
        this.reconciliation = reconciliation;
        this.locks = locks;
        this.holds = holds;
        this.archives = archives;
        this.keys = keys;
        this.metrics = metrics;
        this.meters = meters;
    }

    @Scheduled(
            every = "${cairn.catalog.rounds.records:5s}",
            concurrentExecution = ConcurrentExecution.SKIP)
    @RunOnVirtualThread
    void records() {
        round("records", records::keep);
    }

    @Scheduled(
            every = "${cairn.catalog.rounds.metrics:15s}",
            concurrentExecution = ConcurrentExecution.SKIP)
    @RunOnVirtualThread
    void metrics() {
        round("metrics", metrics::refresh);
    }

    @Scheduled(
            every = "${cairn.catalog.rounds.reconcile:1h}",
            concurrentExecution = ConcurrentExecution.SKIP)
    @RunOnVirtualThread
    void reconcile() {
        round("reconcile", reconciliation::run);
    }

    @Scheduled(
            every = "${cairn.catalog.rounds.locks:1m}",
            concurrentExecution = ConcurrentExecution.SKIP)
    @RunOnVirtualThread
    void locks() {
        round("locks", locks::extend);
    }

    @Scheduled(
            every = "${cairn.catalog.rounds.holds:15s}",
            concurrentExecution = ConcurrentExecution.SKIP)
    @RunOnVirtualThread
    void holds() {
        round("holds", holds::bring);
    }

    @Scheduled(
            every = "${cairn.catalog.rounds.archive:15m}",
            concurrentExecution = ConcurrentExecution.SKIP)
    @RunOnVirtualThread
    void archive() {
        round("archive", archives::release);
    }

    @Scheduled(
            every = "${cairn.catalog.rounds.keys:5m}",
            concurrentExecution = ConcurrentExecution.SKIP)
    @RunOnVirtualThread
    void keys() {
        round("keys", keys::look);
    }

    void onStop(@Observes ShutdownEvent event) {
        stopping = true;
    }

    private void round(String name, Runnable work) {
        if (stopping) {
            return;
        }
        try {
            work.run();
        } catch (CairnException e) {
            if (stopping) {
                // The database and the stores are closed under it; the next process makes the
                // round.
                return;
            }
            meters.counter(FAILURES, "round", name, "code", e.code().name()).increment();
            LOG.errorf(
                    "The round '%s' failed and is made again: %s: %s",
                    name, e.code(), e.messageWithHint());
        }
    }
}
