package io.cairn.catalog.projection.kafka;

import io.cairn.catalog.projection.CatchUp;
import io.cairn.catalog.projection.FactStore;
import io.cairn.events.Topics;
import io.cairn.model.error.CairnException;
import io.cairn.model.error.ErrorCode;
import io.cairn.service.kafka.KafkaSettings;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/**
 * Compares the ends of the partitions with what the database says it has. Offsets alone do not
 * tell: behind the last record of a transaction lies its marker, which nobody is given. So what
 * seems to be left is read, and nothing is left when nothing comes.
 */
@ApplicationScoped
class KafkaCatchUp implements CatchUp {

    private static final Duration CALL = Duration.ofSeconds(10);
    private static final Duration PAUSE = Duration.ofMillis(500);

    private final KafkaSettings kafka;
    private final FactStore store;

    @Inject
    KafkaCatchUp(KafkaSettings kafka, FactStore store) {
        this.kafka = kafka;
        this.store = store;
    }

    @Override
    public void await(Duration limit) {
        Map<String, Object> config = new HashMap<>(kafka.client());
        config.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
        config.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
        config.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "earliest");
        config.put(ConsumerConfig.MAX_POLL_RECORDS_CONFIG, 1);
        try (Consumer<byte[], byte[]> consumer =
                new KafkaConsumer<>(
                        config, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
            await(consumer, limit);
        } catch (KafkaException e) {
            throw new CairnException(
                    ErrorCode.BROKER_UNREACHABLE,
                    "cannot see how far " + Topics.LIFECYCLE + " goes: " + e.getMessage(),
                    "check that the Kafka broker runs and that kafka.bootstrap.servers names it",
                    e);
        }
    }

    void await(Consumer<byte[], byte[]> consumer, Duration limit) {
        long deadline = System.nanoTime() + limit.toNanos();
        List<TopicPartition> partitions =
                consumer.partitionsFor(Topics.LIFECYCLE, CALL).stream()
                        .map(partition ->
                                new TopicPartition(partition.topic(), partition.partition()))
                        .toList();
        Map<TopicPartition, Long> ends = consumer.endOffsets(partitions, CALL);
        for (Map.Entry<TopicPartition, Long> end : ends.entrySet()) {
            while (isBehind(consumer, end.getKey(), end.getValue())) {
                if (System.nanoTime() - deadline >= 0) {
                    throw stalled(limit);
                }
                pause();
            }
        }
    }

    private boolean isBehind(
            Consumer<byte[], byte[]> consumer, TopicPartition partition, long end) {
        Long projected = store.projected().get(partition);
        if (projected != null && projected >= end) {
            return false;
        }
        consumer.assign(List.of(partition));
        if (projected == null) {
            consumer.seekToBeginning(List.of(partition));
        } else {
            consumer.seek(partition, projected);
        }
        while (consumer.position(partition, CALL) < end) {
            ConsumerRecords<byte[], byte[]> left = consumer.poll(PAUSE);
            if (!left.isEmpty()) {
                return left.iterator().next().offset() < end;
            }
        }
        return false;
    }

    private static void pause() {
        try {
            TimeUnit.MILLISECONDS.sleep(PAUSE.toMillis());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CairnException(
                    ErrorCode.RUN_STALLED, "interrupted while waiting for the projection", null, e);
        }
    }

    private static CairnException stalled(Duration limit) {
        return new CairnException(
                ErrorCode.RUN_STALLED,
                "the projection does not catch up with "
                        + Topics.LIFECYCLE
                        + " within "
                        + limit.toSeconds()
                        + " s",
                "it goes on by itself; look at the log for why it waits, at the database first");
    }
}
