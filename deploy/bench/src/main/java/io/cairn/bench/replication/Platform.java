package io.cairn.bench.replication;

import io.cairn.config.CairnConfigReader;
import io.cairn.events.CairnEvent;
import io.cairn.events.EventCodec;
import io.cairn.events.EventEnvelope;
import io.cairn.events.Topics;
import io.cairn.model.StoreName;
import io.cairn.storage.ObjectStore;
import io.cairn.storage.s3.S3ObjectStore;
import io.cairn.testing.KafkaServer;
import io.cairn.testing.S3Server;
import io.cairn.testing.ServiceProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringSerializer;

/** A broker, two S3 servers, and the packaged replication service between them. */
final class Platform implements AutoCloseable {

    private final KafkaServer kafka;
    private final S3Server first;
    private final S3Server second;
    private final KafkaProducer<String, byte[]> producer;
    private final ObjectStore primary;
    private final ObjectStore secondary;
    private final ServiceProcess service;

    private Platform(Path directory) throws IOException, InterruptedException {
        kafka = KafkaServer.in(directory.resolve("kafka")).start();
        createTopics();
        first = S3Server.in(directory.resolve("first")).buckets("primary").start();
        second = S3Server.in(directory.resolve("second")).buckets("secondary").start();
        producer =
                new KafkaProducer<>(
                        Map.<String, Object>of("bootstrap.servers", kafka.bootstrapServers()),
                        new StringSerializer(),
                        new ByteArraySerializer());
        Path config = config(directory);
        primary = store(config, "primary");
        secondary = store(config, "secondary");
        service =
                ServiceProcess.start(
                                Path.of(System.getProperty("cairn.replication")),
                                directory,
                                Map.of(
                                        "CAIRN_CONFIG",
                                        config.toString(),
                                        "KAFKA_BOOTSTRAP_SERVERS",
                                        kafka.bootstrapServers()))
                        .awaitLog("Listening on");
    }

    static Platform start(Path directory) throws IOException, InterruptedException {
        return new Platform(directory);
    }

    private Path config(Path directory) throws IOException {
        Path secret = Files.writeString(directory.resolve("secret"), "secret");
        return Files.writeString(
                directory.resolve("cairn.yaml"),
                """
                clusters:
                  shop: {tier: oltp, hosts: ["db"], tls: {mode: disable}}
                stores:
                  primary: {bucket: primary, endpoint: "%1$s", accessKeyId: "file:%3$s", secretAccessKey: "file:%3$s"}
                  secondary: {bucket: secondary, endpoint: "%2$s", accessKeyId: "file:%3$s", secretAccessKey: "file:%3$s"}
                """
                        .formatted(first.endpoint(), second.endpoint(), secret));
    }

    private static ObjectStore store(Path config, String name) {
        return S3ObjectStore.open(CairnConfigReader.read(config).store(new StoreName(name)));
    }

    private void createTopics() throws InterruptedException {
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", kafka.bootstrapServers()))) {
            List<NewTopic> topics =
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
                            .toList();
            admin.createTopics(topics).all().get();
        } catch (ExecutionException e) {
            throw new IllegalStateException(e);
        }
    }

    ObjectStore primary() {
        return primary;
    }

    ObjectStore secondary() {
        return secondary;
    }

    void publish(CairnEvent event) throws InterruptedException {
        try {
            producer.send(EventCodec.encode(EventEnvelope.of(event, "/bench", Instant.now())))
                    .get();
        } catch (ExecutionException e) {
            throw new IllegalStateException(e);
        }
    }

    /** What the service measures of the second store; the largest of all series. */
    double metric(String name) throws InterruptedException {
        return service.get("/metrics")
                .lines()
                .filter(line -> line.startsWith(name + "{") && line.contains("secondary"))
                .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
                .max()
                .orElse(0);
    }

    /** What the service has written so far. */
    String log() {
        return service.log();
    }

    @Override
    public void close() {
        service.close();
        producer.close();
        primary.close();
        secondary.close();
        second.close();
        first.close();
        kafka.close();
    }
}
