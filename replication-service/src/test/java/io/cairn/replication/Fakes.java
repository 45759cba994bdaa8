package io.cairn.replication;

import io.cairn.config.CairnConfig;
import io.cairn.config.ClusterConfig;
import io.cairn.config.HostPort;
import io.cairn.config.KeysConfig;
import io.cairn.config.StoreConfig;
import io.cairn.events.CairnEvent;
import io.cairn.events.EventEnvelope;
import io.cairn.model.ClusterName;
import io.cairn.model.StoreName;
import io.cairn.model.Tier;
import io.cairn.model.error.CairnException;
import io.cairn.model.error.ErrorCode;
import io.cairn.model.policy.RunPolicy;
import io.cairn.model.policy.TierPolicy;
import io.cairn.service.events.EventPublisher;
import io.cairn.service.storage.Stores;
import io.cairn.storage.ObjectStore;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;

/** Stand-ins for what the service gets from outside. */
public final class Fakes {

    private Fakes() {}

    /** The given stores. */
    public static Stores stores(ObjectStore... stores) {
        return name ->
                List.of(stores).stream()
                        .filter(store -> store.name().equals(name))
                        .findFirst()
                        .orElseThrow(() ->
                                new CairnException(
                                        ErrorCode.CONFIG_INVALID, "no store '" + name + "'", null));
    }

    /** Keeps what is published; fails on demand. */
    public static final class Publisher implements EventPublisher {

        private final List<CairnEvent> published = new ArrayList<>();
        private boolean failing;
        private Runnable meanwhile = () -> {};

        /** Once, with the next one. */
        public synchronized void whenPublished(Runnable what) {
            meanwhile = what;
        }

        public synchronized void failing(boolean now) {
            failing = now;
        }

        @Override
        public synchronized void publish(EventEnvelope<?> event) {
            if (failing) {
                throw new CairnException(ErrorCode.BROKER_UNREACHABLE, "no broker", null);
            }
            published.add(event.data());
            Runnable what = meanwhile;
            meanwhile = () -> {};
            what.run();
        }

        @Override
        public <E extends CairnEvent> EventEnvelope<E> publish(
                E fact, Optional<EventEnvelope<?>> cause) {
            EventEnvelope<E> event = EventEnvelope.of(fact, "/test", Instant.EPOCH);
            publish(event);
            return event;
        }

        public synchronized List<CairnEvent> published() {
            return List.copyOf(published);
        }
    }

    /** Clusters {@code shop} (oltp) and {@code mail} (content). */
    public static CairnConfig config(Map<Tier, List<String>> copies) {
        SequencedMap<ClusterName, ClusterConfig> clusters = new LinkedHashMap<>();
        add(clusters, "shop", Tier.OLTP);
        add(clusters, "mail", Tier.CONTENT);
        SequencedMap<StoreName, StoreConfig> stores = new LinkedHashMap<>();
        List.of("primary", "secondary", "archive")
                .forEach(name -> stores.put(new StoreName(name), store(name)));
        Map<Tier, TierPolicy> tiers = new EnumMap<>(Tier.class);
        for (Tier tier : Tier.values()) {
            tiers.put(tier, policy(tier, copies.getOrDefault(tier, List.of("primary"))));
        }
        return new CairnConfig(
                clusters,
                stores,
                new KeysConfig(List.of(), Optional.empty(), Optional.empty(), Optional.empty()),
                tiers,
                List.of(),
                Map.of());
    }

    /** As in the requirement: shop goes to secondary, mail to archive. */
    public static CairnConfig config() {
        return config(
                Map.of(
                        Tier.OLTP, List.of("primary", "secondary"),
                        Tier.CONTENT, List.of("primary", "archive")));
    }

    private static void add(Map<ClusterName, ClusterConfig> clusters, String name, Tier tier) {
        clusters.put(
                new ClusterName(name),
                new ClusterConfig(
                        new ClusterName(name),
                        tier,
                        List.of(new HostPort("db", 5432)),
                        "cairn",
                        Optional.empty(),
                        "postgres",
                        new ClusterConfig.Tls(ClusterConfig.TlsMode.DISABLE, Optional.empty()),
                        Optional.empty()));
    }

    private static StoreConfig store(String name) {
        return new StoreConfig(
                new StoreName(name),
                name,
                "us-east-1",
                Optional.empty(),
                true,
                Optional.empty(),
                Optional.empty(),
                Optional.empty());
    }

    private static TierPolicy policy(Tier tier, List<String> copies) {
        RunPolicy run =
                new RunPolicy(
                        Duration.ofDays(90),
                        Duration.ofMinutes(15),
                        Duration.ofMinutes(15),
                        copies.stream().map(StoreName::new).toList(),
                        6,
                        RunPolicy.VOLUME_BYTES_DEFAULT);
        return new TierPolicy(tier, Duration.ofDays(30), run, List.of());
    }
}
