package io.cairn.catalog.lock;

import io.cairn.config.CairnConfig;
import io.cairn.model.StoreName;
import io.cairn.model.error.CairnException;
import io.cairn.service.events.EventPublisher;
import io.cairn.service.storage.Stores;
import io.cairn.storage.StoreProbe;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.Map;
import java.util.stream.Stream;
import org.jboss.logging.Logger;

/** The locks of this catalog's backups: makes the rounds and measures what is left. Blocking. */
@ApplicationScoped
public class Locks {

    private static final Logger LOG = Logger.getLogger(Locks.class);
    private static final String WAITING = "cairn_lock_waiting";
    private static final String MISSING = "cairn_lock_missing";

    private final LockRound round;
    private volatile Map<StoreName, Integer> waiting = Map.of();
    private volatile Map<StoreName, String> missing = Map.of();

    @Inject
    Locks(
            CairnConfig config,
            Stores stores,
            LockCandidates candidates,
            EventPublisher events,
            MeterRegistry meters,
            InstantSource clock,
            LockSettings settings) {
        this.round =
                new LockRound(
                        config.tiers().values(),
                        stores::store,
                        candidates,
                        store -> StoreProbe.objectLock(store, new SecureRandom()),
                        events::publish,
                        clock,
                        new LockRound.Limits(
                                settings.chain(),
                                settings.parallel(),
                                settings.probe(),
                                settings.look()));
        lockingStores(config).forEach(store -> measure(store, meters));
    }

    private static Stream<StoreName> lockingStores(CairnConfig config) {
        return config.tiers().values().stream()
                .filter(policy -> policy.lock().isPresent())
                .flatMap(policy -> policy.run().copies().stream())
                .distinct();
    }

    private void measure(StoreName store, MeterRegistry meters) {
        Gauge.builder(WAITING, () -> waiting.getOrDefault(store, 0))
                .description("Complete copies whose locks are not yet as long as they must be")
                .tag("store", store.value())
                .register(meters);
        Gauge.builder(MISSING, () -> missing.containsKey(store) ? 1 : 0)
                .description("1 while a store does not enforce the locks that a policy asks for")
                .tag("store", store.value())
                .register(meters);
    }

    /**
     * Extends what has to be extended.
     *
     * @throws CairnException the first failure of a store; the others' copies were done
     */
    public void extend() {
        LockRound.Report report = round.run();
        waiting = report.waiting();
        missing = report.missing();
        if (report.locked() > 0) {
            LOG.infof("%d copies are locked for as long as they are kept", report.locked());
        }
        if (!report.failures().isEmpty()) {
            CairnException first = report.failures().getFirst();
            report.failures().stream().skip(1).forEach(first::addSuppressed);
            throw first;
        }
    }
}
