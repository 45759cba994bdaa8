package io.cairn.replication.reconcile;

import io.cairn.config.CairnConfig;
import io.cairn.model.error.CairnException;
import io.cairn.replication.copy.CopyTarget;
import io.cairn.replication.copy.CopyTargets;
import io.cairn.replication.lag.LagTracker;
import io.cairn.replication.route.Route;
import io.cairn.replication.route.Routes;
import io.cairn.service.storage.Stores;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Inject;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jboss.logging.Logger;

/**
 * Compares every store that holds copies with its sources, at the start and then now and then. One
 * thread per store.
 */
@ApplicationScoped
class ReconcileProcess {

    private static final Logger LOG = Logger.getLogger(ReconcileProcess.class);

    private final Routes routes;
    private final CopyTargets targets;
    private final ReconcileSettings settings;
    private final Reconciliation reconciliation;
    private final List<Thread> threads = new ArrayList<>();

    @Inject
    ReconcileProcess(
            CairnConfig config,
            CopyTargets targets,
            ReconcileSettings settings,
            Stores stores,
            LagTracker lag) {
        this.routes = new Routes(config);
        this.targets = targets;
        this.settings = settings.checked();
        this.reconciliation = new Reconciliation(stores, lag);
    }

    void onStart(@Observes StartupEvent event) {
        for (CopyTarget target : targets.targets()) {
            threads.add(
                    Thread.ofVirtual().name("reconcile-" + target.name()).start(() -> run(target)));
        }
    }

    private void run(CopyTarget target) {
        try {
            while (true) {
                boolean whole = compare(target);
                TimeUnit.NANOSECONDS.sleep((whole ? settings.every() : settings.retry()).toNanos());
            }
        } catch (InterruptedException e) {
            // This process was told to stop.
            Thread.currentThread().interrupt();
        }
    }

    /** Whether every cluster could be compared. */
    private boolean compare(CopyTarget target) throws InterruptedException {
        boolean whole = true;
        for (Route route :
                routes.all().filter(route -> route.target().equals(target.name())).toList()) {
            try {
                int found = reconciliation.run(route, target);
                if (found > 0) {
                    LOG.infof(
                            "Found %d backups of '%s' that were not whole in store '%s'",
                            found, route.cluster(), target.name());
                }
            } catch (CairnException e) {
                if (Thread.interrupted()) {
                    throw new InterruptedException();
                }
                whole = false;
                LOG.warnf(
                        "Cannot compare the copies of '%s' in store '%s'; trying again in %d s: %s: %s",
                        route.cluster(),
                        target.name(),
                        settings.retry().toSeconds(),
                        e.code(),
                        e.messageWithHint());
            }
        }
        return whole;
    }

    void onStop(@Observes ShutdownEvent event) {
        threads.forEach(Thread::interrupt);
    }
}
