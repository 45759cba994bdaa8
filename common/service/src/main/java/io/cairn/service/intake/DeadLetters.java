package io.cairn.service.intake;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.cairn.events.Topics;
import io.cairn.model.error.CairnException;
import io.cairn.model.error.ErrorCode;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/**
 * Where a record goes that cannot be read or done: {@code dlq.<topic>}, key, value and headers as
 * they were, with these headers added (UTF-8):
 *
 * <ul>
 *   <li>{@code cairn_dlq_reason}: one line for the operator
 *   <li>{@code cairn_dlq_topic}, {@code cairn_dlq_partition}, {@code cairn_dlq_offset}: where it
 *       was
 *   <li>{@code cairn_dlq_group}: who gave it up
 *   <li>{@code cairn_dlq_deliveries}: how often it was delivered
 * </ul>
 *
 * <p>Written by the client, since the share protocol has no field for a reason. Thread-safe.
 */
public final class DeadLetters implements AutoCloseable {

    static final String REASON = "cairn_dlq_reason";
    static final String TOPIC = "cairn_dlq_topic";
    static final String PARTITION = "cairn_dlq_partition";
    static final String OFFSET = "cairn_dlq_offset";
    static final String GROUP = "cairn_dlq_group";
    static final String DELIVERIES = "cairn_dlq_deliveries";

    private static final int DELIVERY_TIMEOUT_MS = 30_000;
    private static final Duration CLOSE_LIMIT = Duration.ofSeconds(5);

    private final String group;
    private final Producer<byte[], byte[]> producer;

    /**
     * @param client what the producer is configured with: {@code bootstrap.servers}, security
     * @param group who gives records up
     */
    public DeadLetters(Map<String, ?> client, String group) {
        this.group = group;
        Map<String, Object> config = new HashMap<>(client);
        config.put(ProducerConfig.ACKS_CONFIG, "all");
        config.put(ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG, true);
        config.put(ProducerConfig.LINGER_MS_CONFIG, 0);
        config.put(ProducerConfig.REQUEST_TIMEOUT_MS_CONFIG, DELIVERY_TIMEOUT_MS / 3);
        config.put(ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG, DELIVERY_TIMEOUT_MS);
        config.put(ProducerConfig.MAX_BLOCK_MS_CONFIG, DELIVERY_TIMEOUT_MS);
        // A dead letter is at most as large as a record, and they are rare: no need for the default
        // 32 MiB.
        config.put(ProducerConfig.BUFFER_MEMORY_CONFIG, 4L << 20);
        this.producer =
                new KafkaProducer<>(config, new ByteArraySerializer(), new ByteArraySerializer());
    }

    /**
     * Blocks until the broker has it.
     *
     * @throws CairnException {@link ErrorCode#BROKER_UNREACHABLE}
     */
    public void put(ConsumerRecord<byte[], byte[]> record, Delivery delivery, String reason)
            throws InterruptedException {
        ProducerRecord<byte[], byte[]> letter =
                new ProducerRecord<>(
                        Topics.deadLetter(record.topic()),
                        null,
                        record.key(),
                        record.value(),
                        record.headers());
        Headers headers = letter.headers();
        add(headers, REASON, reason);
        add(headers, TOPIC, record.topic());
        add(headers, PARTITION, Integer.toString(record.partition()));
        add(headers, OFFSET, Long.toString(record.offset()));
        add(headers, GROUP, group);
        add(headers, DELIVERIES, Integer.toString(delivery.count()));
        try {
            producer.send(letter).get();
        } catch (ExecutionException | KafkaException e) {
            throw new CairnException(
                    ErrorCode.BROKER_UNREACHABLE,
                    "cannot write " + delivery + " to " + letter.topic(),
                    "check that the broker runs and that the topic exists",
                    e);
        }
    }

    private static void add(Headers headers, String name, String value) {
        headers.remove(name).add(name, value.getBytes(UTF_8));
    }

    @Override
    public void close() {
        producer.close(CLOSE_LIMIT);
    }
}
