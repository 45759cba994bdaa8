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
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
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
    private final InstantSource clock;
    private final Reconciliation reconciliation;
    private final List<Thread> threads = new ArrayList<>();

    @Inject
    ReconcileProcess(
            CairnConfig config,
            CopyTargets targets,
            ReconcileSettings settings,
            Stores stores,
            LagTracker lag,
            InstantSource clock) {
        this.routes = new Routes(config);
        this.targets = targets;
        this.settings = settings.checked();
        this.clock = clock;
        this.reconciliation = new Reconciliation(stores, lag);
    }

    void onStart(@Observes StartupEvent event) {
        for (CopyTarget target : targets.targets()) {
            List<Route> into = into(target);
            target.whenBack(() -> reconciliation.run(into, target));
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
        List<Route> into = into(target);
        try {
            Reconciliation.Result result = reconciliation.run(into, target);
            if (result.found() > 0) {
                LOG.infof(
                        "Found %d backups that were not whole in store '%s'",
                        result.found(), target.name());
            }
            for (Route route : into) {
                if (!result.problems().containsKey(route)) {
                    reconciliation.copyRecords(route);
                }
            }
            for (Map.Entry<Route, CairnException> problem : result.problems().entrySet()) {
                warn(problem.getKey().toString(), problem.getValue());
            }
            return result.problems().isEmpty();
        } catch (CairnException e) {
            if (Thread.interrupted()) {
                throw new InterruptedException();
            }
            warn("the copies in store '" + target.name() + "'", e);
            into.forEach(this::measure);
            return false;
        }
    }

    private List<Route> into(CopyTarget target) {
        return routes.all().filter(route -> route.target().equals(target.name())).toList();
    }

    private void warn(String what, CairnException e) {
        LOG.warnf(
                "Cannot compare %s; trying again in %d s: %s: %s",
                what, settings.retry().toSeconds(), e.code(), e.messageWithHint());
    }

    /** The target is away: what may be missing there counts, whoever copied before. */
    private void measure(Route route) {
        try {
            reconciliation.measure(route, clock.instant());
        } catch (CairnException e) {
            // Both are away: nothing can be said.
            LOG.debugf("%s: %s", e.code(), e.messageWithHint());
        }
    }

    void onStop(@Observes ShutdownEvent event) {
        threads.forEach(Thread::interrupt);
    }
}
