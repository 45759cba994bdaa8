package io.cairn.service.region;

import io.cairn.events.EventCodec;
import io.cairn.events.EventEnvelope;
import io.cairn.events.RegionEvent;
import io.cairn.events.Topics;
import io.cairn.events.region.RegionFacts;
import io.cairn.model.error.CairnException;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.PartitionInfo;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.jboss.logging.Logger;

/**
 * Reads {@code cairn.regions} from its first record on, for as long as it is open. Without a broker
 * it says what it last knew; before it has read everything once, that is nothing: all stores are in
 * service. A broker that comes back is read on. Thread-safe.
 */
public final class RegionReader implements AutoCloseable {

    private static final Logger LOG = Logger.getLogger(RegionReader.class);

    private static final Duration POLL = Duration.ofMillis(500);
    private static final Duration METADATA = Duration.ofSeconds(5);

    private final Map<String, Object> client;
    private final Duration pause;
    private final List<Runnable> listeners = new CopyOnWriteArrayList<>();
    private final Thread thread;
    private volatile RegionFacts facts = RegionFacts.NONE;
    private volatile boolean current;
    private volatile boolean closed;
    private String lastFailure = "";

    private RegionReader(Map<String, Object> client, Duration pause) {
        this.client = client;
        this.pause = pause;
        this.thread = Thread.ofVirtual().name("regions").unstarted(this::run);
    }

    /**
     * @param client how Kafka is reached
     * @param pause before the broker is asked again, or a topic that is not there yet
     */
    public static RegionReader start(Map<String, Object> client, Duration pause) {
        RegionReader reader = new RegionReader(client, pause);
        reader.thread.start();
        return reader;
    }

    /** What is known now. */
    public RegionFacts facts() {
        return facts;
    }

    /** Whether everything has been read once. */
    public boolean isCurrent() {
        return current;
    }

    /** Calls when what is known has changed, on the reader's thread: be quick. */
    public void onChange(Runnable listener) {
        listeners.add(listener);
    }

    private void run() {
        try {
            while (!closed) {
                try {
                    read();
                } catch (KafkaException e) {
                    told(e);
                }
                TimeUnit.MILLISECONDS.sleep(pause.toMillis());
            }
        } catch (InterruptedException e) {
            // close()
            Thread.currentThread().interrupt();
        }
    }

    private void told(KafkaException failure) throws InterruptedException {
        if (closed || Thread.interrupted()) {
            throw new InterruptedException();
        }
        String line = String.valueOf(failure.getMessage());
        if (!line.equals(lastFailure)) {
            lastFailure = line;
            LOG.warnf("Cannot read %s, and goes by what was known: %s", Topics.REGIONS, line);
        }
    }

    private void read() throws InterruptedException {
        Map<String, Object> config = new HashMap<>(client);
        config.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
        config.put(ConsumerConfig.ALLOW_AUTO_CREATE_TOPICS_CONFIG, false);
        config.put(ConsumerConfig.RECONNECT_BACKOFF_MAX_MS_CONFIG, 5_000);
        config.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "none");
        config.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
        config.remove(ConsumerConfig.GROUP_ID_CONFIG);
        try (KafkaConsumer<byte[], byte[]> consumer =
                new KafkaConsumer<>(
                        config, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
            List<PartitionInfo> partitions = consumer.partitionsFor(Topics.REGIONS, METADATA);
            if (partitions == null || partitions.isEmpty()) {
                return;
            }
            // One partition: what is decided has one order.
            TopicPartition partition = new TopicPartition(Topics.REGIONS, 0);
            List<TopicPartition> assigned = List.of(partition);
            consumer.assign(assigned);
            consumer.seekToBeginning(assigned);
            long end = consumer.endOffsets(assigned, METADATA).getOrDefault(partition, 0L);
            RegionFacts read = RegionFacts.NONE;
            boolean whole = consumer.position(partition, METADATA) >= end;
            if (whole) {
                know(read);
            }
            while (!closed) {
                for (ConsumerRecord<byte[], byte[]> record : consumer.poll(POLL)) {
                    read = decode(record).map(read::with).orElse(read);
                }
                whole = whole || consumer.position(partition, METADATA) >= end;
                if (whole) {
                    lastFailure = "";
                    know(read);
                }
            }
        }
    }

    private void know(RegionFacts read) {
        boolean changed = !read.equals(facts);
        facts = read;
        current = true;
        if (changed) {
            listeners.forEach(Runnable::run);
        }
    }

    /** What cannot be read, every reader passes over in the same way. */
    private static Optional<RegionEvent> decode(ConsumerRecord<byte[], byte[]> record) {
        try {
            return EventCodec.decode(record)
                    .map(EventEnvelope::data)
                    .filter(RegionEvent.class::isInstance)
                    .map(RegionEvent.class::cast);
        } catch (CairnException e) {
            LOG.warnf("%s: %s", e.code(), e.messageWithHint());
            return Optional.empty();
        }
    }

    @Override
    public void close() {
        closed = true;
        thread.interrupt();
    }
}
