package io.cairn.replication.region;

import io.cairn.config.CairnConfig;
import io.cairn.config.ClusterConfig;
import io.cairn.events.RegionFailedOver;
import io.cairn.events.StoreObserved;
import io.cairn.events.Topics;
import io.cairn.model.ClusterName;
import io.cairn.model.StoreName;
import io.cairn.model.error.CairnException;
import io.cairn.service.config.InstanceName;
import io.cairn.service.events.EventPublisher;
import io.cairn.service.intake.IntakeMetrics;
import io.cairn.service.intake.IntakeSettings;
import io.cairn.service.intake.ShareGroupIntake;
import io.cairn.service.kafka.KafkaSettings;
import io.cairn.service.region.KnownRegions;
import io.cairn.service.region.StoreHealth;
import io.cairn.service.region.StoreObserver;
import io.cairn.service.storage.Stores;
import io.micrometer.core.instrument.MeterRegistry;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Inject;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Tries every store of the policies that have several, tells what it sees, and decides together
 * with other instances which one is left. Answers requests for a failback.
 */
@ApplicationScoped
class RegionProcess {

    private static final Logger LOG = Logger.getLogger(RegionProcess.class);

    private static final String GROUP = "cairn-replication-failback";
    private static final Duration DRAIN = Duration.ofSeconds(3);
    private static final Duration LOOK = Duration.ofSeconds(1);

    private final CairnConfig config;
    private final RegionSettings settings;
    private final KafkaSettings kafka;
    private final Stores stores;
    private final KnownRegions regions;
    private final EventPublisher events;
    private final InstanceName instance;
    private final MeterRegistry meters;
    private final InstantSource clock;
    private final Judge judge;
    private final List<Thread> threads = new ArrayList<>();
    private @Nullable ShareGroupIntake intake;

    @Inject
    RegionProcess(
            CairnConfig config,
            RegionSettings settings,
            KafkaSettings kafka,
            Stores stores,
            KnownRegions regions,
            EventPublisher events,
            InstanceName instance,
            MeterRegistry meters,
            InstantSource clock) {
        this.config = config;
        this.settings = settings.checked();
        this.kafka = kafka;
        this.stores = stores;
        this.regions = regions;
        this.events = events;
        this.instance = instance;
        this.meters = meters;
        this.clock = clock;
        this.judge = new Judge(List.copyOf(copies().values()), settings.failoverAfter());
    }

    /** Of the clusters whose policy has several. */
    private Map<ClusterName, List<StoreName>> copies() {
        Map<ClusterName, List<StoreName>> copies = new LinkedHashMap<>();
        for (ClusterConfig cluster : config.clusters().values()) {
            List<StoreName> of = config.policy(cluster.tier()).run().copies();
            if (of.size() > 1) {
                copies.put(cluster.name(), of);
            }
        }
        return copies;
    }

    void onStart(@Observes StartupEvent event) {
        Map<ClusterName, List<StoreName>> copies = copies();
        if (copies.isEmpty()) {
            return;
        }
        copies.values().stream()
                .flatMap(List::stream)
                .distinct()
                .forEach(store -> start("observe " + store, () -> observe(store)));
        start("judge stores", this::judge);
        Failback failback =
                new Failback(
                        copies, stores::store, new SyncedSides(settings.settle(), clock), clock);
        ShareGroupIntake started =
                ShareGroupIntake.start(
                        IntakeSettings.of(
                                        kafka.bootstrapServers(), GROUP, List.of(Topics.REGIONS), 1)
                                .withClient(kafka.client())
                                .withDrainLimit(DRAIN),
                        new FailbackHandler(failback, regions, events));
        IntakeMetrics.bind(started, meters);
        intake = started;
    }

    private interface Loop {
        void run() throws InterruptedException;
    }

    private void start(String name, Loop loop) {
        threads.add(
                Thread.ofVirtual()
                        .name(name)
                        .start(() -> {
                            try {
                                loop.run();
                            } catch (InterruptedException e) {
                                // onStop()
                                Thread.currentThread().interrupt();
                            }
                        }));
    }

    private void observe(StoreName store) throws InterruptedException {
        StoreHealth health = new StoreHealth(store, clock);
        StoreObserver observer = new StoreObserver(instance.value(), health, clock);
        StoreProber prober =
                new StoreProber(
                        stores.store(store),
                        health,
                        instance.value(),
                        longer(settings.probeEvery(), Duration.ofSeconds(5)),
                        clock);
        while (true) {
            boolean doubted =
                    health.silentSince().isPresent()
                            || observer.isDoubted(regions.facts(), clock.instant());
            prober.probe(doubted);
            observer.look(regions.facts()).ifPresent(seen -> tell(seen, observer));
            Thread.sleep(settings.probeEvery());
        }
    }

    private static Duration longer(Duration a, Duration b) {
        return a.compareTo(b) > 0 ? a : b;
    }

    private void tell(StoreObserved seen, StoreObserver observer) {
        if (!seen.taking()) {
            LOG.warnf(
                    "Store '%s' has taken nothing since %s: %s",
                    seen.store(), seen.since(), seen.failure().orElse(""));
        }
        try {
            events.publish(seen);
            observer.told(seen);
        } catch (CairnException e) {
            LOG.debugf("%s: %s", e.code(), e.messageWithHint());
        }
    }

    private void judge() throws InterruptedException {
        while (true) {
            Thread.sleep(LOOK);
            if (regions.isCurrent()) {
                Instant now = clock.instant();
                Optional<RegionFailedOver> failed = judge.decide(regions.facts(), now);
                if (failed.isPresent()) {
                    publish(failed.get());
                }
            }
        }
    }

    /** Waits until it is known, so that the same is not decided again. */
    private void publish(RegionFailedOver failed) throws InterruptedException {
        LOG.errorf("Store '%s' is out of service: %s", failed.store(), failed.reason());
        try {
            events.publish(failed);
        } catch (CairnException e) {
            LOG.warnf("%s: %s", e.code(), e.messageWithHint());
            return;
        }
        long until = System.nanoTime() + settings.failoverAfter().toNanos();
        while (regions.regions().epoch() < failed.epoch() && System.nanoTime() < until) {
            Thread.sleep(LOOK);
        }
    }

    void onStop(@Observes ShutdownEvent event) {
        threads.forEach(Thread::interrupt);
        ShareGroupIntake started = intake;
        if (started != null) {
            started.close();
        }
    }
}
