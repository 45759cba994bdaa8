package io.cairn.events;

import io.cairn.model.Json;
import io.cairn.model.error.CairnException;
import io.cairn.model.error.ErrorCode;
import io.cloudevents.CloudEvent;
import io.cloudevents.core.builder.CloudEventBuilder;
import io.cloudevents.kafka.KafkaMessageFactory;
import java.io.IOException;
import java.net.URI;
import java.time.ZoneOffset;
import java.util.Objects;
import java.util.Optional;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.Headers;
import org.jspecify.annotations.Nullable;

/**
 * Events as Kafka records: CloudEvents 1.0, Kafka protocol binding, binary content mode. The
 * attributes are headers ({@code ce_id}, {@code ce_type} …), the value is the JSON of the fact, the
 * key is the fact's {@link CairnEvent#key()}. Structured mode is read as well, since another system
 * may send it; it is never written.
 *
 * <p>Extensions: {@code correlationid} and {@code causationid} (CloudEvents correlation extension),
 * {@code traceparent} (distributed tracing extension, W3C trace context).
 *
 * <p>Stateless and thread-safe.
 */
public final class EventCodec {

    public static final String CONTENT_TYPE = "application/json";

    private static final String CORRELATION_ID = "correlationid";
    private static final String CAUSATION_ID = "causationid";
    private static final String TRACEPARENT = "traceparent";

    private EventCodec() {}

    /**
     * The record that carries {@code event} on the topic and under the key that its fact belongs
     * to.
     */
    public static ProducerRecord<String, byte[]> encode(EventEnvelope<?> event) {
        CairnEvent data = event.data();
        CloudEventBuilder builder =
                CloudEventBuilder.v1()
                        .withId(event.id())
                        .withSource(URI.create(event.source()))
                        .withType(data.type())
                        .withTime(event.time().atOffset(ZoneOffset.UTC))
                        .withSubject(data.key())
                        .withData(CONTENT_TYPE, Json.write(data));
        event.correlationId().ifPresent(id -> builder.withExtension(CORRELATION_ID, id));
        event.causationId().ifPresent(id -> builder.withExtension(CAUSATION_ID, id));
        event.traceparent().ifPresent(trace -> builder.withExtension(TRACEPARENT, trace));
        return KafkaMessageFactory.createWriter(Topics.of(data), data.key())
                .writeBinary(builder.build());
    }

    /**
     * Reads a record.
     *
     * @return empty if the event is of a type that this release does not know: a later release may
     *     add types, and a reader that does not know one is not concerned
     * @throws CairnException {@link ErrorCode#EVENT_UNREADABLE}
     */
    public static Optional<EventEnvelope<?>> decode(ConsumerRecord<?, byte[]> record) {
        return decode(
                record.headers(),
                record.value(),
                "record %s-%d@%d".formatted(record.topic(), record.partition(), record.offset()));
    }

    /**
     * Reads a record whose place is told in words.
     *
     * @param where names the record in the error, {@code record cairn.requests-0@17}
     * @throws CairnException {@link ErrorCode#EVENT_UNREADABLE}
     */
    public static Optional<EventEnvelope<?>> decode(
            Headers headers, byte @Nullable [] value, String where) {
        CloudEvent event = read(headers, value, where);
        return EventTypes.find(event.getType()).map(type -> envelope(event, type, where));
    }

    private static EventEnvelope<?> envelope(
            CloudEvent event, Class<? extends CairnEvent> type, String where) {
        return new EventEnvelope<>(
                event.getId(),
                event.getSource().toString(),
                Optional.ofNullable(event.getTime())
                        .orElseThrow(() -> unreadable(where, "it has no time", null))
                        .toInstant(),
                extension(event, CORRELATION_ID),
                extension(event, CAUSATION_ID),
                extension(event, TRACEPARENT),
                data(event, type, where));
    }

    private static CloudEvent read(Headers headers, byte @Nullable [] value, String where) {
        try {
            return KafkaMessageFactory.createReader(headers, value == null ? new byte[0] : value)
                    .toEvent();
        } catch (RuntimeException e) {
            // The reader throws its own and the JDK's exceptions for what a sender got wrong.
            throw unreadable(where, "it is no CloudEvent", e);
        }
    }

    private static CairnEvent data(
            CloudEvent event, Class<? extends CairnEvent> type, String where) {
        if (event.getData() == null) {
            throw unreadable(where, event.getType() + " has no data", null);
        }
        try {
            return Json.read(event.getData().toBytes(), type);
        } catch (IOException | RuntimeException e) {
            throw unreadable(where, "its data is no " + event.getType(), e);
        }
    }

    private static Optional<String> extension(CloudEvent event, String name) {
        return Optional.ofNullable(event.getExtension(name)).map(Objects::toString);
    }

    private static CairnException unreadable(String where, String why, @Nullable Throwable cause) {
        return new CairnException(
                ErrorCode.EVENT_UNREADABLE,
                "cannot read " + where + ": " + why,
                "compare it with the JSON Schemas of the events; its sender has to be corrected",
                cause);
    }
}
