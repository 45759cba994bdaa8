package io.cairn.scheduler.dispatch.kafka;

import io.cairn.events.BackupRequested;
import io.cairn.events.EventCodec;
import io.cairn.events.EventEnvelope;
import io.cairn.events.Topics;
import io.cairn.model.error.CairnException;
import io.cairn.model.error.ErrorCode;
import io.cairn.scheduler.firing.Incoming;
import io.cairn.scheduler.firing.Incoming.Position;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.StreamSupport;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerGroupMetadata;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;

/**
 * Reads {@code cairn.requests}, all partitions, from where the last committed transaction left off.
 * The partitions are assigned, not subscribed: who may read is decided by the transactional id, so
 * a group would only add a second opinion.
 */
final class RequestReader implements AutoCloseable {

    private final Consumer<byte[], byte[]> consumer;
    private final Map<TopicPartition, OffsetAndMetadata> committed = new HashMap<>();
    private final Map<TopicPartition, OffsetAndMetadata> read = new HashMap<>();
    private final Map<Position, ConsumerRecord<byte[], byte[]>> uncommitted = new HashMap<>();

    /** Owns the consumer. */
    RequestReader(Consumer<byte[], byte[]> consumer) {
        this.consumer = consumer;
        List<TopicPartition> partitions =
                consumer.partitionsFor(Topics.REQUESTS).stream()
                        .map(info -> new TopicPartition(info.topic(), info.partition()))
                        .toList();
        if (partitions.isEmpty()) {
            throw new CairnException(
                    ErrorCode.BROKER_UNREACHABLE,
                    "the broker has no topic " + Topics.REQUESTS,
                    "create Cairn's topics; the services do it at their start where they may");
        }
        consumer.assign(partitions);
        for (TopicPartition partition : partitions) {
            // Without a committed offset the position is the beginning (auto.offset.reset).
            committed.put(partition, new OffsetAndMetadata(consumer.position(partition)));
        }
    }

    List<Incoming> poll(Duration timeout) {
        ConsumerRecords<byte[], byte[]> records = consumer.poll(timeout);
        read.putAll(records.nextOffsets());
        return StreamSupport.stream(records.spliterator(), false).map(this::incoming).toList();
    }

    private Incoming incoming(ConsumerRecord<byte[], byte[]> request) {
        Position position = new Position(request.partition(), request.offset());
        uncommitted.put(position, request);
        try {
            return new Incoming.Request(position, decode(request));
        } catch (CairnException e) {
            return new Incoming.Unreadable(position, e);
        }
    }

    private static EventEnvelope<BackupRequested> decode(ConsumerRecord<byte[], byte[]> request) {
        Optional<EventEnvelope<?>> event = EventCodec.decode(request);
        if (event.isPresent() && event.get().data() instanceof BackupRequested data) {
            EventEnvelope<?> envelope = event.get();
            return new EventEnvelope<>(
                    envelope.id(),
                    envelope.source(),
                    envelope.time(),
                    envelope.correlationId(),
                    envelope.causationId(),
                    envelope.traceparent(),
                    data);
        }
        throw new CairnException(
                ErrorCode.REQUEST_INVALID,
                "record %s-%d@%d is no request of a backup"
                        .formatted(request.topic(), request.partition(), request.offset()),
                "send " + Topics.REQUESTS + " only events of the type io.cairn.BackupRequested.v1");
    }

    /** The record at a position that was polled and is not committed. */
    ConsumerRecord<byte[], byte[]> request(Position position) {
        ConsumerRecord<byte[], byte[]> request = uncommitted.get(position);
        if (request == null) {
            throw CairnException.bug("no request was read at " + position);
        }
        return request;
    }

    /** Offsets that a commit has to cover; empty if nothing was read since the last. */
    Map<TopicPartition, OffsetAndMetadata> toCommit() {
        return Map.copyOf(read);
    }

    ConsumerGroupMetadata group() {
        return consumer.groupMetadata();
    }

    void committed() {
        committed.putAll(read);
        read.clear();
        uncommitted.clear();
    }

    /** What was read since the last commit is read again. */
    void rewind() {
        read.keySet().forEach(partition -> consumer.seek(partition, committed.get(partition)));
        read.clear();
        uncommitted.clear();
    }

    @Override
    public void close() {
        consumer.close();
    }
}
