package io.cairn.catalog.projection;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cairn.catalog.Histories;
import io.cairn.events.BackupSkipped;
import io.cairn.events.CairnEvent;
import io.cairn.events.EventCodec;
import io.cairn.events.EventEnvelope;
import io.cairn.events.Topics;
import io.cairn.model.RunId;
import io.cairn.model.Tier;
import io.cairn.model.error.CairnException;
import io.cairn.model.error.ErrorCode;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.record.TimestampType;
import org.junit.jupiter.api.Test;

class ProjectorTest {

    private static final Instant NOW = Instant.parse("2026-11-22T02:00:00Z");
    private static final TopicPartition LIFECYCLE = new TopicPartition(Topics.LIFECYCLE, 0);

    private final MemoryFactStore store = new MemoryFactStore();
    private final List<String> letters = new ArrayList<>();
    private final Projector projector =
            new Projector(
                    store,
                    (record, reason) -> letters.add(record.offset() + ": " + reason),
                    settings(Duration.ofSeconds(5)));

    @Test
    void aBatchIsJoinedAtOnceAndSaysHowFarItWent() {
        List<CairnEvent> events = Histories.of(new Random(3), 6).events();

        projector.project(records(events));

        assertThat(store.joins()).isOne();
        assertThat(store.rows())
                .isEqualTo(
                        events.stream().map(Projection::of).reduce(FactSet.EMPTY, FactSet::join));
        assertThat(store.projected()).containsEntry(LIFECYCLE, (long) events.size());
        assertThat(letters).isEmpty();
    }

    @Test
    void whatCannotBeReadGoesToTheDeadLettersAndTheRestIsProjected() {
        List<ConsumerRecord<byte[], byte[]>> records =
                new ArrayList<>(records(List.of(skipped(1), skipped(2))));
        records.add(raw(2, "poison"));
        records.add(record(3, skipped(3)));

        projector.project(records);

        assertThat(letters)
                .singleElement()
                .asString()
                .startsWith("2: EVENT_UNREADABLE: cannot read record cairn.lifecycle-0@2");
        assertThat(store.rows().runs().byId()).hasSize(3);
        assertThat(store.projected()).containsEntry(LIFECYCLE, 4L);
    }

    @Test
    void anEventOfATypeOfALaterReleaseIsPassedOver() {
        ConsumerRecord<byte[], byte[]> later = record(0, skipped(1));
        later.headers()
                .remove("ce_type")
                .add("ce_type", "io.cairn.Unheard.v1".getBytes(StandardCharsets.UTF_8));

        projector.project(List.of(later));

        assertThat(letters).isEmpty();
        assertThat(store.rows()).isEqualTo(FactSet.EMPTY);
        assertThat(store.projected()).containsEntry(LIFECYCLE, 1L);
    }

    @Test
    void aDatabaseThatIsAwayIsWaitedFor() {
        store.fail(
                ErrorCode.SERVICE_UNREACHABLE,
                ErrorCode.SERVICE_UNREACHABLE,
                ErrorCode.SERVICE_UNREACHABLE);

        projector.project(records(List.of(skipped(1))));

        assertThat(store.joins()).isEqualTo(4);
        assertThat(store.rows().runs().byId()).hasSize(1);
    }

    @Test
    void aDatabaseThatStaysAwayEndsTheBatchWithNothingSaidOfIt() {
        Projector impatient =
                new Projector(store, (_, reason) -> letters.add(reason), settings(Duration.ZERO));
        store.fail(ErrorCode.SERVICE_UNREACHABLE);

        assertThatThrownBy(() -> impatient.project(records(List.of(skipped(1)))))
                .isInstanceOfSatisfying(
                        CairnException.class,
                        e -> assertThat(e.code()).isEqualTo(ErrorCode.SERVICE_UNREACHABLE));
        assertThat(store.projected()).isEmpty();
        assertThat(letters).isEmpty();
    }

    @Test
    void aRecordThatTheDatabaseRefusesTakesNoOtherWithIt() {
        String refused = skipped(2).correlatedRun().orElseThrow().toString();
        store.refuse(facts -> facts.runs().byId().containsKey(refused));

        projector.project(records(List.of(skipped(1), skipped(2), skipped(3))));

        assertThat(letters).containsExactly("1: INTERNAL: the database refused a statement");
        assertThat(store.rows().runs().byId()).hasSize(2).doesNotContainKey(refused);
        assertThat(store.projected()).containsEntry(LIFECYCLE, 3L);
    }

    @Test
    void aDeadLetterThatCannotBeWrittenEndsTheBatch() {
        Projector mute =
                new Projector(
                        store,
                        (_, _) -> {
                            throw new CairnException(
                                    ErrorCode.BROKER_UNREACHABLE, "no broker", null);
                        },
                        settings(Duration.ofSeconds(5)));

        assertThatThrownBy(() -> mute.project(List.of(raw(0, "poison")))).hasMessage("no broker");
        assertThat(store.projected()).isEmpty();
    }

    private static CairnEvent skipped(int hour) {
        RunId run = Histories.runId("shop", NOW.plus(Duration.ofHours(hour)));
        return new BackupSkipped(run, Tier.OLTP, NOW, "missed");
    }

    private static List<ConsumerRecord<byte[], byte[]>> records(List<CairnEvent> events) {
        List<ConsumerRecord<byte[], byte[]>> records = new ArrayList<>();
        events.forEach(event -> records.add(record(records.size(), event)));
        return records;
    }

    private static ConsumerRecord<byte[], byte[]> record(long offset, CairnEvent event) {
        ProducerRecord<String, byte[]> sent =
                EventCodec.encode(EventEnvelope.of(event, "/cairn/test", NOW));
        return record(offset, sent.value(), new RecordHeaders(sent.headers()));
    }

    private static ConsumerRecord<byte[], byte[]> raw(long offset, String value) {
        return record(offset, value.getBytes(StandardCharsets.UTF_8), new RecordHeaders());
    }

    private static ConsumerRecord<byte[], byte[]> record(
            long offset, byte[] value, RecordHeaders headers) {
        return new ConsumerRecord<>(
                LIFECYCLE.topic(),
                LIFECYCLE.partition(),
                offset,
                0,
                TimestampType.CREATE_TIME,
                -1,
                value.length,
                new byte[0],
                value,
                headers,
                Optional.empty());
    }

    private static ProjectionSettings settings(Duration retryFor) {
        return new ProjectionSettings() {
            @Override
            public Duration retryFor() {
                return retryFor;
            }

            @Override
            public Duration retryPause() {
                return Duration.ofMillis(1);
            }

            @Override
            public Duration retryPauseMax() {
                return Duration.ofMillis(2);
            }
        };
    }
}
