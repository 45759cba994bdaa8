package io.cairn.executor.wal;

import io.cairn.archive.gzip.GzipCodec;
import io.cairn.archive.key.Certificates;
import io.cairn.config.CairnConfig;
import io.cairn.config.ClusterConfig;
import io.cairn.executor.region.WatchedStores;
import io.cairn.executor.wal.postgres.PostgresWalSource;
import io.cairn.model.Tier;
import io.cairn.model.policy.TierPolicy;
import io.cairn.service.events.EventPublisher;
import io.cairn.service.region.KnownRegions;
import io.cairn.storage.ObjectStore;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import jakarta.annotation.Priority;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Inject;
import jakarta.interceptor.Interceptor;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.Collectors;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Tries to hold the WAL stream of every cluster of this executor's tiers, from start to stop,
 * whether Kafka is there or not.
 */
@ApplicationScoped
class WalStreams {

    private static final Logger LOG = Logger.getLogger(WalStreams.class);

    private final Set<Tier> tiers;
    private final WalStreamSettings settings;
    private final CairnConfig config;
    private final WatchedStores stores;
    private final KnownRegions regions;
    private final Duration failoverAfter;
    private final EventPublisher publisher;
    private final WalMetrics metrics;
    private final InstantSource clock;
    private final List<WalHolder> holders = new ArrayList<>();
    private final List<Thread> threads = new ArrayList<>();
    private @Nullable WalEvents events;
    private @Nullable ExecutorService compressors;

    @Inject
    WalStreams(
            @ConfigProperty(name = "cairn.tiers") List<String> tiers,
            @ConfigProperty(name = "cairn.executor.failover-after", defaultValue = "30s")
                    Duration failoverAfter,
            WalStreamSettings settings,
            CairnConfig config,
            WatchedStores stores,
            KnownRegions regions,
            EventPublisher publisher,
            WalMetrics metrics,
            InstantSource clock) {
        this.tiers = tiers.stream().map(String::strip).map(Tier::parse).collect(Collectors.toSet());
        this.settings = settings;
        this.config = config;
        this.stores = stores;
        this.regions = regions;
        this.failoverAfter = failoverAfter;
        this.publisher = publisher;
        this.metrics = metrics;
        this.clock = clock;
    }

    void onStart(@Observes StartupEvent event) {
        if (!settings.hold()) {
            LOG.info("Holds no WAL streams: cairn.executor.wal.hold is false");
            return;
        }
        WalSettings limits = settings.toWalSettings().withFailoverAfter(failoverAfter);
        List<X509Certificate> recipients =
                config.keys().recipients().stream().map(Certificates::read).toList();
        WalEvents telling = new WalEvents(fact -> publisher.publish(fact), limits.retryPause());
        ExecutorService compressing = compressors();
        HeldStreams held = new HeldStreams(limits.slotPause());
        WalHolder.Encoding encoding = new WalHolder.Encoding(GzipCodec.best(), compressing);
        events = telling;
        compressors = compressing;
        for (ClusterConfig cluster : config.clusters().values()) {
            if (tiers.contains(cluster.tier())) {
                WalHolder holder =
                        new WalHolder(
                                target(cluster, recipients),
                                new PostgresWalSource(cluster),
                                held,
                                telling,
                                metrics,
                                limits,
                                encoding,
                                clock,
                                regions::regions);
                holders.add(holder);
                threads.add(Thread.ofVirtual().name("wal " + cluster.name()).start(holder));
            }
        }
    }

    private ExecutorService compressors() {
        int count = settings.compressors().orElse(Runtime.getRuntime().availableProcessors());
        return Executors.newFixedThreadPool(
                count, Thread.ofPlatform().daemon().name("wal compressor ", 0).factory());
    }

    private WalTarget target(ClusterConfig cluster, List<X509Certificate> recipients) {
        TierPolicy policy = config.policy(cluster.tier());
        return new WalTarget(
                cluster.name(),
                cluster.tier(),
                policy.wal(),
                policy.run().gzipLevel(),
                policy.run().copies().stream()
                        .map(name -> (ObjectStore) stores.store(name))
                        .toList(),
                recipients);
    }

    /** Before runs are drained: whoever waits for a commit is not to wait for a backup's end. */
    void onStop(@Observes @Priority(Interceptor.Priority.PLATFORM_BEFORE) ShutdownEvent event)
            throws InterruptedException {
        holders.forEach(WalHolder::drain);
        for (Thread thread : threads) {
            if (!thread.join(settings.drainTimeout().plusSeconds(1))) {
                thread.interrupt();
            }
        }
        if (events != null) {
            events.close();
        }
        if (compressors != null) {
            compressors.shutdownNow();
        }
    }
}
