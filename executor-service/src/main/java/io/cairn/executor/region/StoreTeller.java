package io.cairn.executor.region;

import io.cairn.events.StoreObserved;
import io.cairn.model.StoreName;
import io.cairn.model.error.CairnException;
import io.cairn.service.config.InstanceName;
import io.cairn.service.events.EventPublisher;
import io.cairn.service.region.KnownRegions;
import io.cairn.service.region.StoreHealth;
import io.cairn.service.region.StoreObserver;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Inject;
import java.time.Duration;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.jboss.logging.Logger;

/**
 * Tells what this executor sees of the stores that it writes to. While there is no broker nothing
 * is told, and nobody waits for it.
 */
@ApplicationScoped
class StoreTeller {

    private static final Logger LOG = Logger.getLogger(StoreTeller.class);

    private static final Duration LOOK = Duration.ofSeconds(1);

    private final WatchedStores stores;
    private final KnownRegions regions;
    private final EventPublisher events;
    private final InstanceName instance;
    private final InstantSource clock;
    private final Map<StoreName, StoreObserver> observers = new HashMap<>();
    private final Thread thread = Thread.ofVirtual().name("stores").unstarted(this::run);

    @Inject
    StoreTeller(
            WatchedStores stores,
            KnownRegions regions,
            EventPublisher events,
            InstanceName instance,
            InstantSource clock) {
        this.stores = stores;
        this.regions = regions;
        this.events = events;
        this.instance = instance;
        this.clock = clock;
    }

    void onStart(@Observes StartupEvent event) {
        thread.start();
    }

    private void run() {
        try {
            while (true) {
                Thread.sleep(LOOK);
                stores.health().forEach(this::look);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void look(StoreHealth health) {
        StoreObserver observer =
                observers.computeIfAbsent(
                        health.store(), _ -> new StoreObserver(instance.value(), health, clock));
        Optional<StoreObserved> seen = observer.look(regions.facts());
        if (seen.isEmpty()) {
            return;
        }
        if (!seen.get().taking()) {
            LOG.warnf(
                    "Store '%s' has taken nothing since %s: %s",
                    health.store(), seen.get().since(), seen.get().failure().orElse(""));
        }
        try {
            events.publish(seen.get());
            observer.told(seen.get());
        } catch (CairnException e) {
            LOG.debugf("%s: %s", e.code(), e.messageWithHint());
        }
    }

    void onStop(@Observes ShutdownEvent event) {
        thread.interrupt();
    }
}
