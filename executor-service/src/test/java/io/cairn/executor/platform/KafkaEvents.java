package io.cairn.executor.platform;

import io.cairn.events.CairnEvent;
import io.cairn.events.EventCodec;
import io.cairn.events.EventEnvelope;
import io.cairn.events.Topics;
import io.cairn.model.RunId;
import io.cairn.service.kafka.TopicProvisioner;
import io.cairn.service.kafka.TopicSettings;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.WakeupException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;

/** Publishes due events and hears everything that executors say. */
public final class KafkaEvents implements AutoCloseable {

    private static final List<String> HEARD =
            List.of(
                    Topics.LIFECYCLE,
                    Topics.OBJECTS,
                    Topics.WAL,
                    Topics.REQUESTS,
                    Topics.deadLetter("cairn.due.oltp"));

    private final String bootstrapServers;
    private final KafkaProducer<String, byte[]> producer;
    private final KafkaConsumer<String, byte[]> consumer;
    private final List<EventEnvelope<?>> heard = new CopyOnWriteArrayList<>();
    private final List<ConsumerRecord<String, byte[]>> deadLetters = new CopyOnWriteArrayList<>();
    private final Thread listener;

    public KafkaEvents(String bootstrapServers) {
        this.bootstrapServers = bootstrapServers;
        createTopics();
        producer = new KafkaProducer<>(client(), new StringSerializer(), new ByteArraySerializer());
        consumer =
                new KafkaConsumer<>(
                        client(), new StringDeserializer(), new ByteArrayDeserializer());
        List<TopicPartition> partitions =
                HEARD.stream()
                        .flatMap(topic -> consumer.partitionsFor(topic).stream())
                        .map(info -> new TopicPartition(info.topic(), info.partition()))
                        .toList();
        consumer.assign(partitions);
        consumer.seekToEnd(partitions);
        partitions.forEach(consumer::position);
        listener = Thread.ofPlatform().daemon().start(this::listen);
    }

    private Map<String, Object> client() {
        return Map.of("bootstrap.servers", bootstrapServers);
    }

    /** As executors create them; a test may publish before the first executor is there. */
    private void createTopics() {
        TopicProvisioner.provision(
                client(),
                new TopicSettings() {
                    @Override
                    public boolean provision() {
                        return true;
                    }

                    @Override
                    public int partitions() {
                        return 3;
                    }

                    @Override
                    public Optional<Short> replicationFactor() {
                        return Optional.empty();
                    }

                    @Override
                    public Duration workRetention() {
                        return Duration.ofDays(1);
                    }

                    @Override
                    public Duration historyRetention() {
                        return Duration.ofDays(1);
                    }

                    @Override
                    public Duration deadLetterRetention() {
                        return Duration.ofDays(1);
                    }

                    @Override
                    public boolean awaitAtStart() {
                        return true;
                    }

                    @Override
                    public Duration brokerTimeout() {
                        return Duration.ofSeconds(60);
                    }
                });
    }

    private void listen() {
        try (consumer) {
            while (true) {
                for (ConsumerRecord<String, byte[]> record :
                        consumer.poll(Duration.ofMillis(200))) {
                    if (record.topic().startsWith("dlq.")) {
                        deadLetters.add(record);
                    } else {
                        EventCodec.decode(record).ifPresent(heard::add);
                    }
                }
            }
        } catch (WakeupException e) {
            return;
        }
    }

    public void publish(CairnEvent fact) {
        send(EventCodec.encode(envelope(fact)));
    }

    private static EventEnvelope<CairnEvent> envelope(CairnEvent fact) {
        return EventEnvelope.of(fact, "/cairn/test", Instant.now());
    }

    public void publishGarbage(String topic, String text) {
        send(new ProducerRecord<>(topic, "shop", text.getBytes(StandardCharsets.UTF_8)));
    }

    private void send(ProducerRecord<String, byte[]> record) {
        try {
            producer.send(record).get();
        } catch (InterruptedException | ExecutionException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Publishes in a transaction that is aborted. */
    public void publishAndAbort(CairnEvent fact) {
        Map<String, Object> config =
                Map.of("bootstrap.servers", bootstrapServers, "transactional.id", "test-scheduler");
        try (KafkaProducer<String, byte[]> scheduler =
                new KafkaProducer<>(config, new StringSerializer(), new ByteArraySerializer())) {
            scheduler.initTransactions();
            scheduler.beginTransaction();
            scheduler.send(EventCodec.encode(envelope(fact)));
            scheduler.flush();
            scheduler.abortTransaction();
        }
    }

    /** Everything of one kind that was said about a run, in the order of the topic. */
    public <E extends CairnEvent> List<E> of(RunId run, Class<E> type) {
        return heard.stream()
                .map(EventEnvelope::data)
                .filter(type::isInstance)
                .filter(fact -> fact.toString().contains(run.toString()))
                .map(type::cast)
                .toList();
    }

    /** Everything of one kind that was said since this began to listen. */
    public <E extends CairnEvent> List<E> all(Class<E> type) {
        return heard.stream()
                .map(EventEnvelope::data)
                .filter(type::isInstance)
                .map(type::cast)
                .toList();
    }

    /** Everything that was said about a run. */
    public List<EventEnvelope<?>> of(RunId run) {
        return heard.stream()
                .filter(event ->
                        event.correlationId().filter(run.toString()::equals).isPresent()
                                || event.data().deterministicId().startsWith(run.toString()))
                .toList();
    }

    public List<ConsumerRecord<String, byte[]>> deadLetters() {
        return List.copyOf(deadLetters);
    }

    @Override
    public void close() {
        consumer.wakeup();
        producer.close(Duration.ZERO);
        try {
            listener.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
