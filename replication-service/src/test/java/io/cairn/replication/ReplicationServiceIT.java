package io.cairn.replication;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.cairn.config.SecretReference;
import io.cairn.config.StoreConfig;
import io.cairn.events.BackupReplicated;
import io.cairn.events.CairnEvent;
import io.cairn.events.EventCodec;
import io.cairn.events.EventEnvelope;
import io.cairn.events.ReplicationLagged;
import io.cairn.events.Topics;
import io.cairn.events.ValidationFailed;
import io.cairn.model.ObjectKey;
import io.cairn.model.StoreName;
import io.cairn.storage.ObjectInfo;
import io.cairn.storage.ObjectStore;
import io.cairn.storage.policy.Action;
import io.cairn.storage.policy.Principal;
import io.cairn.storage.policy.StoragePolicy;
import io.cairn.storage.s3.S3ObjectStore;
import io.cairn.testing.KafkaServer;
import io.cairn.testing.S3Server;
import io.cairn.testing.ServiceProcess;
import io.cairn.testing.StoreFault;
import io.cairn.testing.StoreOperation;
import io.cairn.testing.StoreProxy;
import io.cairn.testing.StoreRequest;
import io.cairn.testing.StoreRights;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/**
 * The packaged service as a process between a real broker and two S3 servers, with the rights of
 * the generated policies: read in the source, read and create in the target. Each test has a
 * cluster of its own.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ReplicationServiceIT {

    private static final Duration LONG = Duration.ofSeconds(60);
    private static final String READY = "Listening on";
    private static final AtomicInteger CLUSTERS = new AtomicInteger();
    private static final int CLUSTERS_MAX = 8;

    private final List<ServiceProcess> started = new ArrayList<>();

    @SuppressWarnings("NullAway.Init") // all of these are set by JUnit
    private Path directory;

    private KafkaServer kafka;
    private KafkaProducer<String, byte[]> producer;
    private S3Server sourceServer;
    private S3Server targetServer;
    private StoreProxy sourceProxy;
    private StoreProxy targetProxy;

    /** As the executor and the test see them. */
    private ObjectStore source;

    private ObjectStore target;
    private String cluster = "";

    @BeforeAll
    void start(@TempDir Path temporary) throws Exception {
        directory = temporary;
        kafka = KafkaServer.in(temporary.resolve("kafka")).start();
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", kafka.bootstrapServers()))) {
            admin.createTopics(
                            Stream.concat(
                                            Topics.all().stream(),
                                            Topics.all().stream().map(Topics::deadLetter))
                                    .map(name ->
                                            new NewTopic(name, 1, (short) 1)
                                                    .configs(
                                                            name.startsWith("dlq.")
                                                                    ? Map.of(
                                                                            "errors.deadletterqueue.group.enable",
                                                                            "true")
                                                                    : Map.of()))
                                    .toList())
                    .all()
                    .get();
        }
        Map<String, Object> client = Map.of("bootstrap.servers", kafka.bootstrapServers());
        producer = new KafkaProducer<>(client, new StringSerializer(), new ByteArraySerializer());
        sourceServer = S3Server.in(temporary.resolve("s3-source")).buckets("primary").start();
        targetServer = S3Server.in(temporary.resolve("s3-target")).buckets("secondary").start();
        sourceProxy = StoreProxy.before(sourceServer.endpoint());
        targetProxy = StoreProxy.before(targetServer.endpoint());
        sourceProxy.grant("reader", rights(Principal.REPLICATION_SOURCE));
        targetProxy.grant("copier", rights(Principal.REPLICATION_TARGET));
        source = S3ObjectStore.open(config("primary", sourceServer));
        target = S3ObjectStore.open(config("secondary", targetServer));
    }

    @AfterEach
    void endAll() {
        started.forEach(ServiceProcess::close);
        started.clear();
        sourceProxy.heal();
        targetProxy.heal();
    }

    @AfterAll
    void stop() {
        source.close();
        target.close();
        sourceProxy.close();
        targetProxy.close();
        sourceServer.close();
        targetServer.close();
        producer.close(Duration.ZERO);
        kafka.close();
    }

    @Test
    void copiesPartsWhileTheBackupRunsAndTheCommitObjectLast() throws Exception {
        StoredBackup backup = backup("20261122T020000Z-F");
        ServiceProcess service = service().awaitLog(READY);
        List<ObjectKey> parts = backup.commit().parts().map(part -> part.key()).toList();
        parts.forEach(part -> backup.put(source, part));
        backup.stored(source, Instant.now()).forEach(this::publish);

        await().atMost(LONG)
                .untilAsserted(
                        () -> assertThat(keys(target)).containsExactlyInAnyOrderElementsOf(parts));
        assertThat(events(Topics.REPLICATION)).isEmpty();
        backup.put(source, backup.signatureKey());
        backup.put(source, backup.commitKey());
        publish(backup.completed(source));
        publish(backup.completed(source));

        await().atMost(LONG).untilAsserted(() -> assertThat(events(Topics.REPLICATION)).hasSize(2));
        assertThat(keys(target)).containsExactlyInAnyOrderElementsOf(backup.keys());
        backup.keys()
                .forEach(key -> assertThat(target.read(key, 1 << 20)).isEqualTo(backup.bytes(key)));
        assertThat(events(Topics.REPLICATION))
                .allSatisfy(event ->
                        assertThat(event)
                                .isInstanceOfSatisfying(
                                        BackupReplicated.class,
                                        replicated -> {
                                            assertThat(replicated.run())
                                                    .isEqualTo(backup.commit().run());
                                            assertThat(replicated.bytesCopied()).isZero();
                                            assertThat(replicated.lag())
                                                    .isLessThan(Duration.ofSeconds(60));
                                            assertThat(replicated.objects())
                                                    .isEqualTo(backup.keys().size());
                                        }));
        assertThat(service.get("/metrics"))
                .contains(
                        "cairn_replication_lag_seconds{cluster=\""
                                + cluster
                                + "\",store=\"secondary\"} 0.0")
                .contains("cairn_replicated_bytes_total{store=\"secondary\"}");
        assertThat(service.get("/q/health/ready"))
                .contains("\"copies\"", "\"UP\"")
                .doesNotContain("DOWN");
        assertThat(service.log()).doesNotContain("Exception");
        service.terminate();
        assertThat(service.awaitExit()).isIn(0, 143);
    }

    @Test
    void leavesNoCommitObjectWhenItIsKilledBeforeAndFinishesAfterTheRestart() throws Exception {
        StoredBackup backup = backup("20261122T020000Z-F").putInto(source);
        ServiceProcess first = service();
        targetProxy.injectAlways(
                new StoreFault.Delay(Duration.ofSeconds(30)), puts(backup.signatureKey().value()));
        first.awaitLog(READY);
        publish(backup.completed(source));
        await().atMost(LONG)
                .untilAsserted(() ->
                        assertThat(keys(target))
                                .containsAll(
                                        backup.commit().parts().map(part -> part.key()).toList()));

        first.kill();
        assertThat(keys(target)).doesNotContain(backup.commitKey());
        targetProxy.heal();
        service();

        await().atMost(LONG)
                .untilAsserted(() -> assertThat(keys(target)).contains(backup.commitKey()));
        await().atMost(LONG)
                .untilAsserted(() -> assertThat(events(Topics.REPLICATION)).isNotEmpty());
        assertThat(keys(target)).containsExactlyInAnyOrderElementsOf(backup.keys());
    }

    @Test
    void refusesAFlippedByteInTheSourceAndSaysSo() throws Exception {
        StoredBackup backup = backup("20261122T020000Z-F").putInto(source);
        ObjectKey damaged =
                backup.commit().archives().getFirst().volumes().getLast().object().key();
        Path file = sourceServer.files("primary").resolve(damaged.value());
        byte[] bytes = Files.readAllBytes(file);
        bytes[bytes.length / 2] ^= 1;
        Files.write(file, bytes);
        ServiceProcess service = service().awaitLog(READY);

        publish(backup.completed(source));

        await().atMost(LONG)
                .untilAsserted(() -> assertThat(events(Topics.VALIDATION)).isNotEmpty());
        assertThat(events(Topics.VALIDATION).getFirst())
                .isInstanceOfSatisfying(
                        ValidationFailed.class,
                        failed -> {
                            assertThat(failed.run()).isEqualTo(backup.commit().run());
                            assertThat(failed.store()).isEqualTo(source.name());
                            assertThat(failed.object()).contains(damaged);
                        });
        await().atMost(LONG)
                .untilAsserted(() ->
                        assertThat(deadLetters())
                                .anySatisfy(letter ->
                                        assertThat(reason(letter))
                                                .startsWith("STORE_OBJECT_DIFFERS: ")
                                                .contains(damaged.value())));
        assertThat(keys(target)).doesNotContain(damaged, backup.commitKey());
        assertThat(service.get("/metrics"))
                .contains("cairn_replication_refused_total{code=\"STORE_OBJECT_DIFFERS\"");
    }

    @Test
    void aPoisonEventGoesToTheDeadLettersAndTheNextBackupIsCopied() throws Exception {
        StoredBackup backup = backup("20261122T020000Z-F").putInto(source);
        ServiceProcess service = service().awaitLog(READY);
        ProducerRecord<String, byte[]> poison =
                EventCodec.encode(
                        EventEnvelope.of(backup.completed(source), "/test", Instant.now()));
        byte[] cutOff = Arrays.copyOf(poison.value(), poison.value().length / 2);

        producer.send(new ProducerRecord<>(poison.topic(), null, cluster, cutOff, poison.headers()))
                .get();
        publish(backup.completed(source));

        await().atMost(LONG)
                .untilAsserted(() ->
                        assertThat(events(Topics.REPLICATION))
                                .hasAtLeastOneElementOfType(BackupReplicated.class));
        await().atMost(LONG)
                .untilAsserted(() ->
                        assertThat(deadLetters())
                                .filteredOn(letter -> cluster.equals(letter.key()))
                                .singleElement()
                                .satisfies(letter -> {
                                    assertThat(letter.value()).isEqualTo(cutOff);
                                    assertThat(reason(letter)).startsWith("EVENT_UNREADABLE: ");
                                }));
        assertThat(service.get("/metrics"))
                .contains(
                        "cairn_intake_outcomes_total{group=\"cairn-replication-to-secondary\","
                                + "outcome=\"dead_lettered\"} 1.0");
        assertThat(service.get("/q/health/ready")).doesNotContain("DOWN");
    }

    private static String reason(ConsumerRecord<String, byte[]> letter) {
        return new String(letter.headers().lastHeader("cairn_dlq_reason").value(), UTF_8);
    }

    @Test
    void waitsForATargetThatIsAwayTellsTheLagAndGoesOnWhenItIsBack() throws Exception {
        List<StoredBackup> backups = new ArrayList<>();
        backups.add(backup("20261118T020000Z-F"));
        for (String day : List.of("19", "20", "21", "22")) {
            backups.add(StoredBackup.of(cluster, "202611" + day + "T020000Z-F"));
        }
        backups.forEach(backup -> backup.putInto(source));
        targetProxy.injectAlways(new StoreFault.Refuse(503, "SlowDown"), StoreFault.any());
        ServiceProcess service =
                service(
                                Map.of(
                                        "CAIRN_REPLICATION_LAG_THRESHOLD", "2s",
                                        "CAIRN_REPLICATION_LAG_EVERY", "200ms",
                                        "CAIRN_REPLICATION_COPY_LONGEST_PAUSE", "2s",
                                        "CAIRN_REPLICATION_RECONCILE_RETRY", "5s"))
                        .awaitLog(READY);

        backups.forEach(backup -> publish(backup.completed(source)));

        await().atMost(LONG)
                .untilAsserted(() ->
                        assertThat(events(Topics.REPLICATION))
                                .hasAtLeastOneElementOfType(ReplicationLagged.class));
        String lag =
                "cairn_replication_lag_seconds{cluster=\"" + cluster + "\",store=\"secondary\"} ";
        assertThat(service.get("/metrics")).containsPattern(Pattern.quote(lag) + "[1-9]");
        assertThat(events(Topics.REPLICATION))
                .doesNotHaveAnyElementsOfTypes(BackupReplicated.class);
        assertThat(keys(target)).isEmpty();
        targetProxy.heal();

        await().atMost(LONG)
                .untilAsserted(() ->
                        assertThat(events(Topics.REPLICATION))
                                .filteredOn(BackupReplicated.class::isInstance)
                                .extracting(event -> ((BackupReplicated) event).run())
                                .containsAll(
                                        backups.stream()
                                                .map(backup -> backup.commit().run())
                                                .toList()));
        assertThat(keys(target)).isEqualTo(keys(source));
        await().atMost(LONG)
                .untilAsserted(() -> assertThat(service.get("/metrics")).contains(lag + "0.0"));
        assertThat(deadLetters())
                .noneSatisfy(letter -> assertThat(letter.key()).isEqualTo(cluster));
    }

    @Test
    void copiesByListingWhatNoEventToldOf() throws Exception {
        StoredBackup old = backup("20261121T020000Z-F").putInto(source);
        StoredBackup young = StoredBackup.of(cluster, "20261122T020000Z-F").putInto(source);

        service();

        await().atMost(LONG).untilAsserted(() -> assertThat(events(Topics.REPLICATION)).hasSize(2));
        assertThat(events(Topics.REPLICATION))
                .extracting(event -> ((BackupReplicated) event).run())
                .containsExactly(young.commit().run(), old.commit().run());
        assertThat(keys(target)).isEqualTo(keys(source));
    }

    /** A backup of a cluster that no other test uses. */
    private StoredBackup backup(String label) {
        cluster = "shop-" + CLUSTERS.incrementAndGet();
        return StoredBackup.of(cluster, label);
    }

    private ServiceProcess service() throws IOException {
        return service(Map.of());
    }

    private ServiceProcess service(Map<String, String> settings) throws IOException {
        StringBuilder clusters = new StringBuilder();
        for (int number = 1; number <= CLUSTERS_MAX; number++) {
            clusters.append(
                    "  shop-%d: {tier: oltp, hosts: [\"db\"], tls: {mode: disable}}\n"
                            .formatted(number));
        }
        Path config =
                Files.writeString(
                        Files.createTempFile(directory, "cairn-", ".yaml"),
                        """
                        clusters:
                        %sstores:
                          primary:
                            bucket: primary
                            endpoint: "%s"
                            accessKeyId: "env:SOURCE_ID"
                            secretAccessKey: "env:SECRET"
                          secondary:
                            bucket: secondary
                            endpoint: "%s"
                            accessKeyId: "env:TARGET_ID"
                            secretAccessKey: "env:SECRET"
                        """
                                .formatted(
                                        clusters, sourceProxy.endpoint(), targetProxy.endpoint()));
        Map<String, String> environment = new HashMap<>(settings);
        environment.putAll(
                Map.of(
                        "CAIRN_CONFIG", config.toString(),
                        "KAFKA_BOOTSTRAP_SERVERS", kafka.bootstrapServers(),
                        "SOURCE_ID", "reader",
                        "TARGET_ID", "copier",
                        "SECRET", "secret"));
        ServiceProcess service = ServiceProcess.start(directory, environment);
        started.add(service);
        return service;
    }

    private static StoreRights rights(Principal principal) {
        StoragePolicy policy = StoragePolicy.of(principal);
        return (operation, key) -> policy.allows(Action.valueOf(operation.name()), key);
    }

    private static Predicate<StoreRequest> puts(String key) {
        return StoreFault.on(StoreOperation.CREATE, key);
    }

    private StoreConfig config(String name, S3Server server) throws IOException {
        Path secret = Files.writeString(directory.resolve("secret"), "secret");
        Optional<SecretReference> reference = Optional.of(new SecretReference("file:" + secret));
        return new StoreConfig(
                new StoreName(name),
                name,
                S3Server.REGION,
                Optional.of(server.endpoint()),
                true,
                reference,
                reference,
                Optional.empty());
    }

    private List<ObjectKey> keys(ObjectStore store) {
        return store.list(cluster + "/").map(ObjectInfo::key).toList();
    }

    private void publish(CairnEvent event) {
        ProducerRecord<String, byte[]> message =
                EventCodec.encode(EventEnvelope.of(event, "/test", Instant.now()));
        try {
            producer.send(message).get();
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    /** What was told of this test's cluster. */
    private List<CairnEvent> events(String topic) {
        List<CairnEvent> events = new ArrayList<>();
        read(topic).forEach(message -> events.add(EventCodec.decode(message).orElseThrow().data()));
        return events.stream().filter(event -> event.key().equals(cluster)).toList();
    }

    private List<ConsumerRecord<String, byte[]>> deadLetters() {
        return read(Topics.deadLetter(Topics.LIFECYCLE));
    }

    private List<ConsumerRecord<String, byte[]>> read(String topic) {
        Map<String, Object> config =
                Map.of(ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG, kafka.bootstrapServers());
        List<ConsumerRecord<String, byte[]>> found = new ArrayList<>();
        try (var consumer =
                new KafkaConsumer<>(
                        config, new StringDeserializer(), new ByteArrayDeserializer())) {
            TopicPartition partition = new TopicPartition(topic, 0);
            consumer.assign(List.of(partition));
            consumer.seekToBeginning(List.of(partition));
            long end = consumer.endOffsets(List.of(partition)).get(partition);
            while (consumer.position(partition) < end) {
                consumer.poll(Duration.ofMillis(100)).forEach(found::add);
            }
        }
        return found;
    }
}
