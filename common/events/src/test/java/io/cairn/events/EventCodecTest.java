package io.cairn.events;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.cairn.model.Json;
import io.cairn.model.RunId;
import io.cairn.model.Tier;
import io.cairn.model.error.CairnException;
import io.cairn.model.error.ErrorCode;
import java.io.IOException;
import java.time.Instant;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EventCodecTest {

    private static final BackupSkipped FACT =
            new BackupSkipped(
                    RunId.parse("shop:20261122T020000Z-F"),
                    Tier.OLTP,
                    Instant.parse("2026-11-22T08:00:00.5Z"),
                    "too late");
    private static final EventEnvelope<BackupSkipped> EVENT =
            EventEnvelope.of(
                    FACT, "/cairn/executor-service", Instant.parse("2026-11-22T08:00:01Z"));

    @Property
    void everyEventComesBackAsItWas(@ForAll("envelopes") EventEnvelope<CairnEvent> event) {
        assertThat(decode(EventCodec.encode(event))).contains(event);
    }

    @Property
    void anOptionalFieldOfALaterReleaseIsIgnored(
            @ForAll("envelopes") EventEnvelope<CairnEvent> event) throws IOException {
        ProducerRecord<String, byte[]> record = EventCodec.encode(event);
        ObjectNode data = (ObjectNode) Json.mapper().readTree(record.value());
        data.put("addedLater", 1).putObject("alsoAddedLater").put("deep", true);

        assertThat(EventCodec.decode(record.headers(), Json.write(data), "it")).contains(event);
    }

    @Property
    void withoutARequiredFieldAnEventIsUnreadable(
            @ForAll("envelopes") EventEnvelope<CairnEvent> event) throws IOException {
        ProducerRecord<String, byte[]> record = EventCodec.encode(event);
        Arrays.stream(event.data().getClass().getRecordComponents())
                .filter(component -> component.getType() != Optional.class)
                .forEach(component -> {
                    ObjectNode data = read(record.value());
                    data.remove(component.getName());
                    assertUnreadable(record.headers(), Json.write(data));
                    data.putNull(component.getName());
                    assertUnreadable(record.headers(), Json.write(data));
                });
    }

    @Provide
    Arbitrary<EventEnvelope<CairnEvent>> envelopes() {
        return Events.envelopes();
    }

    @Test
    void attributesAreHeadersInBinaryMode() {
        ProducerRecord<String, byte[]> record =
                EventCodec.encode(
                        EVENT.causedBy(EVENT)
                                .tracedBy(
                                        "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"));

        assertThat(record.topic()).isEqualTo("cairn.lifecycle");
        assertThat(record.key()).isEqualTo("shop");
        assertThat(headers(record))
                .isEqualTo(
                        new TreeMap<>(
                                Map.ofEntries(
                                        Map.entry("ce_specversion", "1.0"),
                                        Map.entry("ce_id", "shop:20261122T020000Z-F:skipped"),
                                        Map.entry("ce_source", "/cairn/executor-service"),
                                        Map.entry("ce_type", "io.cairn.BackupSkipped.v1"),
                                        Map.entry("ce_subject", "shop"),
                                        Map.entry("ce_time", "2026-11-22T08:00:01Z"),
                                        Map.entry("content-type", "application/json"),
                                        Map.entry("ce_correlationid", "shop:20261122T020000Z-F"),
                                        Map.entry(
                                                "ce_causationid",
                                                "shop:20261122T020000Z-F:skipped"),
                                        Map.entry(
                                                "ce_traceparent",
                                                "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"))));
        assertThat(record.value())
                .asString(UTF_8)
                .isEqualTo(
                        "{\"run\":\"shop:20261122T020000Z-F\",\"tier\":\"oltp\","
                                + "\"skippedAt\":\"2026-11-22T08:00:00.500Z\",\"reason\":\"too late\"}");
    }

    @Test
    void structuredModeOfAnotherSystemIsRead() {
        Headers headers =
                new RecordHeaders()
                        .add("content-type", "application/cloudevents+json".getBytes(UTF_8));
        String value =
                """
                {"specversion": "1.0", "id": "1", "source": "/hr", "type": "io.cairn.BackupSkipped.v1",
                 "time": "2026-11-22T09:00:00+01:00", "datacontenttype": "application/json",
                 "data": %s}
                """
                        .formatted(new String(Json.write(FACT), UTF_8));

        EventEnvelope<?> event =
                EventCodec.decode(headers, value.getBytes(UTF_8), "it").orElseThrow();

        assertThat(event.data()).isEqualTo(FACT);
        assertThat(event.time()).isEqualTo("2026-11-22T08:00:00Z");
    }

    @Test
    void anEventOfALaterReleaseIsNobodysConcern() {
        ProducerRecord<String, byte[]> record = EventCodec.encode(EVENT);
        set(record.headers(), "ce_type", "io.cairn.MoonPhaseChanged.v1");

        assertThat(decode(record)).isEmpty();
        set(record.headers(), "ce_type", "io.cairn.BackupSkipped.v2");
        assertThat(decode(record)).isEmpty();
    }

    @Test
    void anErrorCodeOfALaterReleaseDoesNotHideTheFailure() {
        BackupFailed fact =
                new BackupFailed(
                        FACT.run(),
                        Tier.OLTP,
                        Optional.empty(),
                        Instant.EPOCH,
                        ErrorCode.STORE_ERROR,
                        "it failed",
                        Optional.empty(),
                        true);
        ProducerRecord<String, byte[]> record =
                EventCodec.encode(EventEnvelope.of(fact, "/cairn/executor-service", Instant.EPOCH));
        ObjectNode data = read(record.value()).put("code", "STORE_ON_FIRE");

        EventEnvelope<?> event =
                EventCodec.decode(record.headers(), Json.write(data), "it").orElseThrow();

        assertThat(event.data())
                .isInstanceOfSatisfying(
                        BackupFailed.class,
                        failed -> {
                            assertThat(failed.code()).isEqualTo(ErrorCode.INTERNAL);
                            assertThat(failed.message()).isEqualTo("it failed");
                        });
    }

    @Test
    void theErrorNamesTheRecord() {
        ConsumerRecord<String, byte[]> record =
                new ConsumerRecord<>("cairn.requests", 2, 17, "shop", new byte[] {1});

        CairnException e =
                catchThrowableOfType(CairnException.class, () -> EventCodec.decode(record));

        assertThat(e.code()).isEqualTo(ErrorCode.EVENT_UNREADABLE);
        assertThat(e).hasMessage("cannot read record cairn.requests-2@17: it is no CloudEvent");
        assertThat(e.hint()).isPresent();
    }

    @ParameterizedTest
    @ValueSource(strings = {"ce_id", "ce_source", "ce_type", "ce_specversion", "ce_time"})
    void withoutAnAttributeAnEventIsUnreadable(String attribute) {
        ProducerRecord<String, byte[]> record = EventCodec.encode(EVENT);
        record.headers().remove(attribute);

        assertUnreadable(record.headers(), record.value());
    }

    @ParameterizedTest
    @ValueSource(strings = {"ce_time", "ce_specversion", "ce_source"})
    void anAttributeThatIsWrongMakesAnEventUnreadable(String attribute) {
        ProducerRecord<String, byte[]> record = EventCodec.encode(EVENT);
        set(record.headers(), attribute, "::not valid::");

        assertUnreadable(record.headers(), record.value());
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "null", "[]", "{", "42", "{\"run\": \"shop\"}"})
    void whatIsNotTheDataOfItsTypeIsUnreadable(String value) {
        assertUnreadable(EventCodec.encode(EVENT).headers(), value.getBytes(UTF_8));
    }

    @Test
    void aTombstoneIsUnreadable() {
        assertUnreadable(EventCodec.encode(EVENT).headers(), null);
        assertUnreadable(new RecordHeaders(), null);
    }

    private static void assertUnreadable(Headers headers, byte[] value) {
        CairnException e =
                catchThrowableOfType(
                        CairnException.class, () -> EventCodec.decode(headers, value, "it"));
        assertThat(e)
                .as("must be unreadable: %s", value == null ? null : new String(value, UTF_8))
                .isNotNull();
        assertThat(e.code()).isEqualTo(ErrorCode.EVENT_UNREADABLE);
    }

    private static Optional<EventEnvelope<?>> decode(ProducerRecord<String, byte[]> record) {
        return EventCodec.decode(record.headers(), record.value(), "it");
    }

    private static ObjectNode read(byte[] json) {
        try {
            return (ObjectNode) Json.mapper().readTree(json);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private static void set(Headers headers, String name, String value) {
        headers.remove(name).add(name, value.getBytes(UTF_8));
    }

    private static Map<String, String> headers(ProducerRecord<?, ?> record) {
        return Arrays.stream(record.headers().toArray())
                .collect(
                        Collectors.toMap(
                                Header::key,
                                it -> new String(it.value(), UTF_8),
                                (a, b) -> b,
                                TreeMap::new));
    }
}
