package io.cairn.scheduler.dispatch.kafka;

import io.cairn.events.BackupRequested;
import io.cairn.events.CairnEvent;
import io.cairn.events.EventCodec;
import io.cairn.events.EventEnvelope;
import io.cairn.events.Topics;
import io.cairn.testing.KafkaServer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.stream.Collectors;
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

/** A real broker with Cairn's topics, and what an outsider sees of them. */
public final class Broker implements AutoCloseable {

    private final KafkaServer kafka;
    private final KafkaProducer<String, byte[]> producer;

    private Broker(KafkaServer kafka) {
        this.kafka = kafka;
        this.producer =
                new KafkaProducer<>(client(), new StringSerializer(), new ByteArraySerializer());
    }

    public static Broker start(Path directory) {
        Broker broker = new Broker(KafkaServer.in(directory).start());
        broker.reset();
        return broker;
    }

    public KafkaServer server() {
        return kafka;
    }

    public Map<String, Object> client() {
        return Map.of("bootstrap.servers", kafka.bootstrapServers());
    }

    /** Empty topics, no remembered offsets. */
    public void reset() {
        try (Admin admin = Admin.create(client())) {
            Set<String> topics = topics().collect(Collectors.toSet());
            Set<String> existing = new HashSet<>(admin.listTopics().names().get());
            existing.retainAll(topics);
            admin.deleteTopics(existing).all().get();
            if (admin.listGroups().all().get().stream()
                    .anyMatch(group -> group.groupId().equals(KafkaScheduleLog.GROUP))) {
                admin.deleteConsumerGroups(List.of(KafkaScheduleLog.GROUP)).all().get();
            }
            admin.createTopics(topics.stream().map(Broker::newTopic).toList()).all().get();
        } catch (ExecutionException e) {
            throw new IllegalStateException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    private static Stream<String> topics() {
        return Stream.concat(
                Topics.all().stream(),
                Stream.of(Topics.SCHEDULE, Topics.deadLetter(Topics.REQUESTS)));
    }

    private static NewTopic newTopic(String name) {
        NewTopic topic = new NewTopic(name, 1, (short) 1);
        return name.equals(Topics.SCHEDULE)
                ? topic.configs(Map.of("cleanup.policy", "compact"))
                : topic;
    }

    public void request(BackupRequested request) {
        send(EventCodec.encode(EventEnvelope.of(request, "/test", request.requestedAt())));
    }

    public void send(ProducerRecord<String, byte[]> message) {
        try {
            producer.send(message).get();
        } catch (ExecutionException e) {
            throw new IllegalStateException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    /** Everything a {@code read_committed} reader of the topic sees now. */
    public List<ConsumerRecord<String, byte[]>> committed(String topic) {
        return read(topic, "read_committed");
    }

    /** Everything in the topic, of aborted and open transactions too. */
    public List<ConsumerRecord<String, byte[]>> written(String topic) {
        return read(topic, "read_uncommitted");
    }

    public List<CairnEvent> events(String topic) {
        List<CairnEvent> events = new ArrayList<>();
        committed(topic)
                .forEach(message -> events.add(EventCodec.decode(message).orElseThrow().data()));
        return events;
    }

    private List<ConsumerRecord<String, byte[]>> read(String topic, String isolation) {
        Map<String, Object> config =
                Map.of(
                        ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG,
                        kafka.bootstrapServers(),
                        ConsumerConfig.ISOLATION_LEVEL_CONFIG,
                        isolation);
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

    @Override
    public void close() {
        producer.close(Duration.ZERO);
        kafka.close();
    }
}
