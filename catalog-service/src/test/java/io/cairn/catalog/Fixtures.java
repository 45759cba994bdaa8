package io.cairn.catalog;

import io.cairn.catalog.backup.BackupRecord;
import io.cairn.catalog.projection.Projection;
import io.cairn.config.CairnConfig;
import io.cairn.config.ClusterConfig;
import io.cairn.config.HostPort;
import io.cairn.config.KeysConfig;
import io.cairn.config.StoreConfig;
import io.cairn.events.BackupReplicated;
import io.cairn.events.CairnEvent;
import io.cairn.events.EventEnvelope;
import io.cairn.events.Objective;
import io.cairn.events.ObjectiveBreached;
import io.cairn.events.ObjectiveMet;
import io.cairn.model.ClusterName;
import io.cairn.model.ObjectKey;
import io.cairn.model.StoreName;
import io.cairn.model.SystemIdentifier;
import io.cairn.model.Tier;
import io.cairn.model.backup.ClusterRoot;
import io.cairn.model.backup.CommitObject;
import io.cairn.model.policy.TierPolicy;
import io.cairn.model.wal.SegmentSize;
import io.cairn.model.wal.WalLayout;
import io.cairn.model.wal.WalSegment;
import io.cairn.service.events.EventPublisher;
import io.cairn.service.storage.Stores;
import io.cairn.storage.ObjectBody;
import io.cairn.storage.ObjectStore;
import io.cairn.storage.PutOptions;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** A small platform for tests: its configuration, its buckets and a publisher that remembers. */
public final class Fixtures {

    private Fixtures() {}

    /** Of a cluster of which nothing can be recovered. */
    public static ObjectiveMet met(
            ClusterName cluster,
            Tier tier,
            Objective objective,
            Duration target,
            Duration actual,
            Instant at) {
        return new ObjectiveMet(
                cluster, tier, objective, target, actual, Optional.of(List.of()), at);
    }

    /** Of a cluster of which nothing can be recovered. */
    public static ObjectiveBreached breached(
            ClusterName cluster,
            Tier tier,
            Objective objective,
            Duration target,
            Optional<Duration> actual,
            String message,
            Instant at) {
        return new ObjectiveBreached(
                cluster, tier, objective, target, actual, message, Optional.of(List.of()), at);
    }

    /**
     * Clusters {@code c-<tier>}, one of each tier, and the stores primary and secondary, which
     * every tier wants.
     */
    public static CairnConfig config() {
        SequencedMap<ClusterName, ClusterConfig> clusters = new LinkedHashMap<>();
        for (Tier tier : Tier.values()) {
            ClusterName name = new ClusterName("c-" + tier.id());
            clusters.put(
                    name,
                    new ClusterConfig(
                            name,
                            tier,
                            List.of(new HostPort("127.0.0.1", 5432)),
                            "cairn",
                            Optional.empty(),
                            "postgres",
                            new ClusterConfig.Tls(ClusterConfig.TlsMode.DISABLE, Optional.empty()),
                            Optional.empty()));
        }
        SequencedMap<StoreName, StoreConfig> stores = new LinkedHashMap<>();
        for (StoreName name : List.of(Histories.PRIMARY, Histories.SECONDARY)) {
            stores.put(
                    name,
                    new StoreConfig(
                            name,
                            "bucket-" + name,
                            "us-east-1",
                            Optional.of(URI.create("http://127.0.0.1:9")),
                            true,
                            Optional.empty(),
                            Optional.empty(),
                            Optional.empty()));
        }
        return new CairnConfig(
                clusters,
                stores,
                new KeysConfig(List.of(), Optional.empty(), Optional.empty(), Optional.empty()),
                Stream.of(Tier.values())
                        .collect(
                                Collectors.toMap(
                                        Function.identity(),
                                        tier ->
                                                new TierPolicy(
                                                        tier,
                                                        Duration.ofDays(90),
                                                        Histories.POLICY,
                                                        List.of()))),
                List.of(),
                Map.of());
    }

    public static Stores stores(ObjectStore... stores) {
        return name ->
                Stream.of(stores)
                        .filter(store -> store.name().equals(name))
                        .findFirst()
                        .orElseThrow();
    }

    /** Stores a backup as an executor does: the parts, then the commit object. */
    public static void store(CommitObject commit, ObjectStore store) {
        commit.parts()
                .forEach(part ->
                        put(
                                store,
                                part.key(),
                                part.key().value().getBytes(StandardCharsets.UTF_8)));
        put(store, commit.layout().commit(), commit.toJson());
    }

    /**
     * Fills the buckets with what is left of a history: backups in primary, copies in secondary,
     * records in primary.
     */
    public static void store(
            Histories.History history, ObjectStore primary, ObjectStore secondary) {
        history.commits().forEach(commit -> store(commit, primary));
        for (CairnEvent event : history.events()) {
            if (event instanceof BackupReplicated copied) {
                history.commits().stream()
                        .filter(commit -> commit.attempt().equals(copied.attempt()))
                        .forEach(commit -> store(commit, secondary));
            }
            Projection.of(event)
                    .records()
                    .byId()
                    .values()
                    .forEach(record -> storeRecord(record, primary));
        }
    }

    public static void storeRecord(BackupRecord record, ObjectStore store) {
        ClusterRoot root =
                new ClusterRoot(
                        record.run().cluster(), SystemIdentifier.parse("7301234567890123456"));
        put(store, record.key(root), record.object().toJson());
    }

    /** Stores segments of a backup's cluster and timeline, as its stream does. */
    public static void storeSegments(
            CommitObject commit, ObjectStore store, int first, int last, Instant sentAt) {
        SegmentSize size = new SegmentSize((int) commit.walSegmentBytes());
        for (int number = first; number <= last; number++) {
            storeWal(
                    store,
                    new WalLayout(commit.layout().root())
                            .segment(new WalSegment(commit.timeline(), number, size)),
                    sentAt);
        }
    }

    public static void storeWal(ObjectStore store, ObjectKey key, Instant sentAt) {
        store.putIfAbsent(
                        key,
                        ObjectBody.of(key.value().getBytes(StandardCharsets.UTF_8)),
                        PutOptions.NONE.withMetadata(Map.of("sent-at", sentAt.toString())))
                .orThrow();
    }

    public static void put(ObjectStore store, ObjectKey key, byte[] bytes) {
        store.putIfAbsent(key, ObjectBody.of(bytes)).orThrow();
    }

    /** Publishes into a list. */
    public static final class Published implements EventPublisher {

        private final List<CairnEvent> facts = new ArrayList<>();
        private Optional<RuntimeException> failure = Optional.empty();

        public List<CairnEvent> facts() {
            return facts;
        }

        public void fail(RuntimeException with) {
            failure = Optional.of(with);
        }

        @Override
        public void publish(EventEnvelope<?> event) {
            if (failure.isPresent()) {
                throw failure.get();
            }
            facts.add(event.data());
        }

        @Override
        public <E extends CairnEvent> EventEnvelope<E> publish(
                E fact, Optional<EventEnvelope<?>> cause) {
            EventEnvelope<E> event = EventEnvelope.of(fact, "/cairn/test", Instant.EPOCH);
            publish(event);
            return event;
        }
    }
}
