package io.cairn.replication;

import io.cairn.config.SecretReference;
import io.cairn.config.StoreConfig;
import io.cairn.events.CairnEvent;
import io.cairn.events.EventCodec;
import io.cairn.events.EventEnvelope;
import io.cairn.events.Topics;
import io.cairn.model.ObjectKey;
import io.cairn.model.StoreName;
import io.cairn.storage.ObjectInfo;
import io.cairn.storage.ObjectStore;
import io.cairn.storage.policy.PolicyRights;
import io.cairn.storage.policy.Principal;
import io.cairn.storage.s3.S3ObjectStore;
import io.cairn.testing.KafkaServer;
import io.cairn.testing.S3Server;
import io.cairn.testing.ServiceProcess;
import io.cairn.testing.StoreProxy;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;

/**
 * A real broker and two S3 servers, for the packaged service as a process between them, with the
 * rights of the generated policies. Clusters are {@code shop-1} to {@code shop-12}, each for one
 * test of the module. The service runs on from test to test, since its start takes longer than most
 * of them.
 */
final class ReplicationPlatform implements AutoCloseable {

    private static final int CLUSTERS_MAX = 12;
    private static final AtomicInteger CLUSTERS = new AtomicInteger();

    /** It looks by itself, and soon; no store is away for long enough to be left. */
    private static final Map<String, String> SHARED =
            Map.of(
                    "CAIRN_REPLICATION_COPY_LONGEST_PAUSE", "1s",
                    "CAIRN_REPLICATION_LAG_THRESHOLD", "2s",
                    "CAIRN_REPLICATION_LAG_EVERY", "200ms",
                    "CAIRN_REPLICATION_RECONCILE_RETRY", "5s",
                    "CAIRN_REPLICATION_SYNC_REREAD", "1d",
                    "CAIRN_REPLICATION_SYNC_WINDOW", "1d",
                    "CAIRN_REPLICATION_WAL_EVERY", "1s",
                    "CAIRN_REGIONS_FAILOVER_AFTER", "1h");

    private final Path directory;
    private final KafkaServer kafka;
    private final KafkaProducer<String, byte[]> producer;
    private final S3Server sourceServer;
    private final S3Server targetServer;
    private final StoreProxy sourceProxy;
    private final StoreProxy targetProxy;
    private final ObjectStore source;
    private final ObjectStore target;
    private final KafkaConsumer<String, byte[]> reader;
    private final Map<String, List<ConsumerRecord<String, byte[]>>> read = new HashMap<>();
    private Optional<Running> running = Optional.empty();

    private record Running(ServiceProcess process, Map<String, String> settings) {}

    private ReplicationPlatform(Path directory) throws Exception {
        this.directory = directory;
        kafka = KafkaServer.in(directory.resolve("kafka")).start();
        createTopics();
        Map<String, Object> client = Map.of("bootstrap.servers", kafka.bootstrapServers());
        producer = new KafkaProducer<>(client, new StringSerializer(), new ByteArraySerializer());
        sourceServer = S3Server.in(directory.resolve("s3-source")).buckets("primary").start();
        targetServer = S3Server.in(directory.resolve("s3-target")).buckets("secondary").start();
        sourceProxy = StoreProxy.before(sourceServer.endpoint());
        targetProxy = StoreProxy.before(targetServer.endpoint());
        sourceProxy.grant("reader", PolicyRights.of(Principal.REPLICATION_SOURCE));
        targetProxy.grant("copier", PolicyRights.of(Principal.REPLICATION_TARGET));
        source = S3ObjectStore.open(config("primary", sourceServer));
        target = S3ObjectStore.open(config("secondary", targetServer));
        reader = new KafkaConsumer<>(client, new StringDeserializer(), new ByteArrayDeserializer());
    }

    static ReplicationPlatform start(Path directory) throws Exception {
        return new ReplicationPlatform(directory);
    }

    private void createTopics() throws Exception {
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
    }

    /** A cluster that no other test uses. */
    String cluster() {
        int number = CLUSTERS.getAndIncrement() % CLUSTERS_MAX;
        return "shop-" + (number + 1);
    }

    S3Server sourceServer() {
        return sourceServer;
    }

    S3Server targetServer() {
        return targetServer;
    }

    StoreProxy sourceProxy() {
        return sourceProxy;
    }

    StoreProxy targetProxy() {
        return targetProxy;
    }

    /** As the executor and the test see it. */
    ObjectStore source() {
        return source;
    }

    ObjectStore target() {
        return target;
    }

    /** Whatever a test has made of the stores' network. */
    void heal() {
        sourceProxy.heal();
        targetProxy.heal();
    }

    /** Ends the service at once. */
    void endService() {
        running.map(Running::process).ifPresent(ServiceProcess::close);
        running = Optional.empty();
    }

    @Override
    public void close() {
        endService();
        reader.close();
        source.close();
        target.close();
        sourceProxy.close();
        targetProxy.close();
        sourceServer.close();
        targetServer.close();
        producer.close(Duration.ZERO);
        kafka.close();
    }

    /** The service as most tests share it, ready: started where it does not run. */
    ServiceProcess service() throws Exception {
        return service(SHARED);
    }

    /** The same with other settings. There is one service at a time. */
    ServiceProcess service(Map<String, String> settings) throws Exception {
        if (running.filter(it -> it.process().isAlive() && it.settings().equals(settings))
                .isEmpty()) {
            endService();
            running = Optional.of(new Running(start(settings), settings));
        }
        return running.orElseThrow().process().awaitLog("Listening on");
    }

    private ServiceProcess start(Map<String, String> settings) throws IOException {
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
        return ServiceProcess.start(directory, environment);
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

    void publish(CairnEvent event) {
        ProducerRecord<String, byte[]> message =
                EventCodec.encode(EventEnvelope.of(event, "/test", Instant.now()));
        send(message);
    }

    void send(ProducerRecord<String, byte[]> message) {
        try {
            producer.send(message).get();
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    /** What was told of a cluster. */
    List<CairnEvent> events(String topic, String cluster) {
        List<CairnEvent> events = new ArrayList<>();
        read(topic).forEach(message -> events.add(EventCodec.decode(message).orElseThrow().data()));
        return events.stream().filter(event -> event.key().equals(cluster)).toList();
    }

    /** All that was told on a topic. */
    List<CairnEvent> events(String topic) {
        return read(topic).stream()
                .map(message -> (CairnEvent) EventCodec.decode(message).orElseThrow().data())
                .toList();
    }

    /** What other tests have left behind, which is not the same in both stores. */
    void empty() {
        for (ObjectStore store : List.of(source, target)) {
            List<ObjectKey> keys;
            try (Stream<ObjectInfo> objects = store.list("shop-")) {
                keys = objects.map(ObjectInfo::key).toList();
            }
            keys.forEach(store::delete);
        }
    }

    /** The sum of the service's counters that begin so. */
    static double counted(ServiceProcess service, String counter) throws InterruptedException {
        return service.get("/metrics")
                .lines()
                .filter(line -> line.startsWith(counter))
                .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
                .sum();
    }

    List<ConsumerRecord<String, byte[]>> deadLetters() {
        return read(Topics.deadLetter(Topics.LIFECYCLE));
    }

    private synchronized List<ConsumerRecord<String, byte[]>> read(String topic) {
        List<ConsumerRecord<String, byte[]>> found =
                read.computeIfAbsent(topic, _ -> new ArrayList<>());
        TopicPartition partition = new TopicPartition(topic, 0);
        reader.assign(List.of(partition));
        reader.seek(partition, found.isEmpty() ? 0 : found.getLast().offset() + 1);
        long end = reader.endOffsets(List.of(partition)).get(partition);
        while (reader.position(partition) < end) {
            reader.poll(Duration.ofMillis(100)).forEach(found::add);
        }
        return List.copyOf(found);
    }
}
