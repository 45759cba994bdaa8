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
import io.quarkus.runtime.StartupEvent;
import io.quarkus.scheduler.Scheduled.ConcurrentExecution;
import io.quarkus.scheduler.Scheduler;
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

    private final Scheduler scheduler;
    private final MeterRegistry meters;
    private volatile boolean stopping;

    @Inject
    Rounds(Scheduler scheduler, MeterRegistry meters) {
        this.scheduler = scheduler;
        this.meters = meters;
    }

    void onStart(
            @Observes StartupEvent event,
            RoundSettings every,
            RecordKeeper records,
            CatalogMetrics metrics,
            Reconciliation reconciliation,
            Locks locks,
            Holds holds,
            Archives archives,
            ShreddedKeys keys) {
        schedule("records", every.records(), records::keep);
        schedule("metrics", every.metrics(), metrics::refresh);
        schedule("reconcile", every.reconcile(), reconciliation::run);
        schedule("locks", every.locks(), locks::extend);
        schedule("holds", every.holds(), holds::bring);
        schedule("archive", every.archive(), archives::release);
        schedule("keys", every.keys(), keys::look);
    }

    void onStop(@Observes ShutdownEvent event) {
        stopping = true;
    }

    private void schedule(String name, String every, Runnable work) {
        scheduler
                .newJob(name)
                .setInterval(every)
                .setConcurrentExecution(ConcurrentExecution.SKIP)
                .setTask(_ -> round(name, work), true)
                .schedule();
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
