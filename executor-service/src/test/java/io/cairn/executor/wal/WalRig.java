package io.cairn.executor.wal;

import io.cairn.archive.gzip.GzipCodec;
import io.cairn.archive.key.CertificateAuthority;
import io.cairn.archive.key.Identity;
import io.cairn.archive.key.KeyAlgorithm;
import io.cairn.events.CairnEvent;
import io.cairn.events.region.Regions;
import io.cairn.model.ClusterName;
import io.cairn.model.SystemIdentifier;
import io.cairn.model.Tier;
import io.cairn.model.backup.ClusterRoot;
import io.cairn.model.error.CairnException;
import io.cairn.model.error.ErrorCode;
import io.cairn.model.policy.WalPolicy;
import io.cairn.model.wal.WalLayout;
import io.cairn.storage.ObjectStore;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** Executors that hold the stream of cluster {@code shop}, and what they tell. */
final class WalRig implements AutoCloseable {

    static final ClusterName SHOP = new ClusterName("shop");

    /** By size only: a piece is stored when a test makes it due. */
    static final WalPolicy BY_SEGMENT = new WalPolicy(Duration.ofHours(1), 16 << 20, false);

    static final WalPolicy SOON = new WalPolicy(Duration.ofMillis(100), 16 << 20, false);
    static final WalPolicy SYNCHRONOUS = new WalPolicy(Duration.ofSeconds(10), 16 << 20, true);

    static final WalSettings FAST =
            new WalSettings(
                    8L << 20,
                    4,
                    Duration.ofMillis(100),
                    Duration.ofMillis(5),
                    Duration.ofMillis(50),
                    Duration.ofSeconds(2),
                    Duration.ofMillis(20),
                    Duration.ofMillis(100),
                    true,
                    Duration.ofMillis(500));

    private final WalSource source;
    private final List<ObjectStore> stores;
    private final WalPolicy policy;
    private final WalSettings settings;
    private final Identity recipient;
    private final ExecutorService compressors = Executors.newFixedThreadPool(2);
    private final List<CairnEvent> told = new CopyOnWriteArrayList<>();
    private final WalEvents events;
    private final List<WalHolder> holders = new ArrayList<>();
    private final List<Thread> threads = new ArrayList<>();
    private final Meter meter = new Meter();
    private volatile boolean brokerIsAway;
    private volatile Regions regions = Regions.NONE;

    WalRig(WalSource source, WalPolicy policy, WalSettings settings, ObjectStore... stores) {
        this.source = source;
        this.policy = policy;
        this.settings = settings;
        this.stores = List.of(stores);
        Instant from = Instant.now().minus(Duration.ofDays(1));
        Duration validity = Duration.ofDays(30);
        this.recipient =
                CertificateAuthority.create("authority", KeyAlgorithm.EC_P256, from, validity)
                        .issueRecipient("recipient", KeyAlgorithm.EC_P256, from, validity);
        this.events =
                new WalEvents(
                        fact -> {
                            if (brokerIsAway) {
                                throw new CairnException(
                                        ErrorCode.BROKER_UNREACHABLE, "away", "wait");
                            }
                            told.add(fact);
                        },
                        Duration.ofMillis(5));
    }

    /** A further executor, or the first. */
    WalHolder start() {
        WalHolder holder =
                new WalHolder(
                        new WalTarget(
                                SHOP,
                                Tier.OLTP,
                                policy,
                                6,
                                stores,
                                List.of(recipient.certificate())),
                        source,
                        new HeldStreams(settings.slotPause()),
                        events,
                        meter,
                        settings,
                        new WalHolder.Encoding(GzipCodec.best(), compressors),
                        InstantSource.system(),
                        () -> regions);
        holders.add(holder);
        threads.add(Thread.ofVirtual().start(holder));
        return holder;
    }

    /** Ends the executor that was started first as if its process had been killed. */
    void killFirst() {
        Thread first = threads.removeFirst();
        holders.removeFirst();
        first.interrupt();
        try {
            first.join(Duration.ofSeconds(20));
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    void drain() throws InterruptedException {
        holders.forEach(WalHolder::drain);
        for (Thread thread : threads) {
            thread.join();
        }
    }

    /** What the executors come to know of the stores. */
    void know(Regions known) {
        regions = known;
    }

    void brokerGoes() {
        brokerIsAway = true;
    }

    void brokerComes() {
        brokerIsAway = false;
    }

    <E extends CairnEvent> List<E> told(Class<E> type) {
        return told.stream().filter(type::isInstance).map(type::cast).toList();
    }

    Identity recipient() {
        return recipient;
    }

    Meter meter() {
        return meter;
    }

    static WalLayout layout(SystemIdentifier system) {
        return new WalLayout(new ClusterRoot(SHOP, system));
    }

    StoredWalReader reader(ObjectStore store, SystemIdentifier system) {
        return new StoredWalReader(store, layout(system), recipient);
    }

    @Override
    public void close() {
        threads.forEach(Thread::interrupt);
        for (Thread thread : threads) {
            try {
                thread.join(Duration.ofSeconds(20));
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
        events.close();
        compressors.shutdownNow();
    }

    /** Remembers what it is told. */
    static final class Meter implements WalMeter {

        private final Map<ClusterName, Optional<Instant>> held = new ConcurrentHashMap<>();
        private final List<String> failures = new CopyOnWriteArrayList<>();

        @Override
        public void received(ClusterName cluster, long bytes) {}

        @Override
        public void stored(ClusterName cluster, long bytes) {}

        @Override
        public void held(ClusterName cluster, Optional<Instant> recoverableUntil) {
            held.put(cluster, recoverableUntil);
        }

        @Override
        public void left(ClusterName cluster) {
            held.remove(cluster);
        }

        @Override
        public void gap(ClusterName cluster) {}

        @Override
        public void failed(ClusterName cluster, String code) {
            failures.add(code);
        }

        List<String> failures() {
            return failures;
        }

        Optional<Instant> recoverableUntil() {
            return held.getOrDefault(SHOP, Optional.empty());
        }
    }
}
