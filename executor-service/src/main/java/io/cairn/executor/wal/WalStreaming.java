package io.cairn.executor.wal;

import io.cairn.archive.gzip.GzipCodec;
import io.cairn.archive.key.Certificates;
import io.cairn.config.CairnConfig;
import io.cairn.config.ClusterConfig;
import io.cairn.events.region.Regions;
import io.cairn.executor.publish.EventSink;
import io.cairn.executor.wal.postgres.PostgresWalSource;
import io.cairn.model.ClusterName;
import io.cairn.model.StoreName;
import io.cairn.model.policy.TierPolicy;
import io.cairn.storage.ObjectStore;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * Holds the WAL stream of one cluster, as an executor does, without the service around it. It is
 * held from {@link #start} to {@link #end}; what has come by then is stored, or waits at the server
 * for the next one.
 */
public final class WalStreaming {

    private static final long MEMORY = 8L << 20;

    private final WalSettings settings;
    private final ExecutorService compressors = Executors.newSingleThreadExecutor();
    private final WalEvents events;
    private final WalHolder holder;
    private final Thread thread;

    private WalStreaming(
            CairnConfig config,
            ClusterConfig cluster,
            Function<StoreName, ObjectStore> stores,
            Supplier<Regions> regions,
            EventSink sink,
            WalSettings settings,
            InstantSource clock) {
        TierPolicy policy = config.policy(cluster.tier());
        this.settings = settings;
        this.events = new WalEvents(sink, settings.retryPause());
        this.holder =
                new WalHolder(
                        new WalTarget(
                                cluster.name(),
                                cluster.tier(),
                                policy.wal(),
                                policy.run().gzipLevel(),
                                policy.run().copies().stream().map(stores).toList(),
                                config.keys().recipients().stream()
                                        .map(Certificates::read)
                                        .toList()),
                        new PostgresWalSource(cluster),
                        new HeldStreams(settings.slotPause()),
                        events,
                        new Unmetered(),
                        settings,
                        new WalHolder.Encoding(GzipCodec.best(), compressors),
                        clock,
                        regions);
        this.thread = Thread.ofVirtual().name("wal " + cluster.name()).start(holder);
    }

    /**
     * @param stores opens the store of a name; who gives it closes it
     * @param regions which of them are in service, as far as is known now
     * @param sink what is told; called by one thread
     * @param failoverAfter how long a store may take nothing before the next is written to, in this
     *     machine's time; how often the stores are compared for the retained slot, too
     */
    public static WalStreaming start(
            CairnConfig config,
            ClusterName cluster,
            Function<StoreName, ObjectStore> stores,
            Supplier<Regions> regions,
            EventSink sink,
            Duration failoverAfter,
            InstantSource clock) {
        WalSettings settings =
                new WalSettings(
                        MEMORY,
                        4,
                        Duration.ofSeconds(1),
                        Duration.ofMillis(20),
                        Duration.ofMillis(200),
                        Duration.ofSeconds(20),
                        Duration.ofMillis(100),
                        failoverAfter.dividedBy(10),
                        true,
                        failoverAfter);
        return new WalStreaming(
                config, config.cluster(cluster), stores, regions, sink, settings, clock);
    }

    /** Stores what has come, as far as the stores take it, and lets the slot go. */
    public void end() throws InterruptedException {
        try {
            holder.drain();
            if (!thread.join(settings.drainTimeout().plusSeconds(1))) {
                thread.interrupt();
                thread.join();
            }
        } finally {
            events.close();
            compressors.shutdownNow();
        }
    }

    private static final class Unmetered implements WalMeter {

        @Override
        public void received(ClusterName cluster, long bytes) {}

        @Override
        public void stored(ClusterName cluster, long bytes) {}

        @Override
        public void held(ClusterName cluster, Optional<Instant> recoverableUntil) {}

        @Override
        public void left(ClusterName cluster) {}

        @Override
        public void gap(ClusterName cluster) {}

        @Override
        public void failed(ClusterName cluster, String code) {}
    }
}
