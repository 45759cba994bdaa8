package io.cairn.scheduler.dispatch.kafka;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.cairn.events.BackupRequested;
import io.cairn.events.EventEnvelope;
import io.cairn.events.MonitoringCheckDue;
import io.cairn.events.Topics;
import io.cairn.model.BackupKind;
import io.cairn.model.ClusterName;
import io.cairn.model.RunId;
import io.cairn.model.error.CairnException;
import io.cairn.model.error.ErrorCode;
import io.cairn.scheduler.firing.Decision;
import io.cairn.scheduler.firing.Incoming;
import io.cairn.scheduler.firing.Ledger;
import io.cairn.scheduler.firing.ScheduleRecord;
import io.cairn.scheduler.firing.Scheduler;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(BrokerExtension.class)
class KafkaScheduleLogIT {

    private static final ClusterName SHOP = new ClusterName("shop");
    private static final Instant NOW = Instant.parse("2026-11-22T02:00:00.250Z");

    private final List<KafkaScheduleLog> logs = new ArrayList<>();

    private final Broker broker;

    KafkaScheduleLogIT(Broker broker) {
        this.broker = broker;
    }

    @AfterEach
    void closeLogs() {
        logs.forEach(KafkaScheduleLog::close);
        logs.clear();
    }

    @Test
    void remembersWhatWasCommittedAndForgetsWhatWasForgotten() {
        KafkaScheduleLog first = newLog();
        assertThat(first.open().considered()).isEmpty();
        ScheduleRecord.Answered answered =
                new ScheduleRecord.Answered(
                        SHOP,
                        "key/with ünusual ✓ characters",
                        RunId.parse("shop:20261122T015900Z-F"),
                        NOW);
        first.commit(
                remember(
                        new ScheduleRecord.Cursor(NOW.minusSeconds(60)),
                        new ScheduleRecord.Known("cluster/shop", NOW),
                        answered));
        first.commit(remember(new ScheduleRecord.Cursor(NOW)));

        Ledger ledger = newLog().open();

        assertThat(ledger.considered()).contains(NOW);
        assertThat(ledger.since("cluster/shop")).contains(NOW);
        assertThat(ledger.requestsRemembered()).isEqualTo(1);

        KafkaScheduleLog third = newLog();
        third.open();
        third.commit(remember(new ScheduleRecord.Forgotten(answered.key())));
        assertThat(newLog().open().requestsRemembered()).isZero();
    }

    @Test
    void neverShowsWhatWasWrittenByASchedulerThatDiedBeforeItsCommit() {
        KafkaScheduleLog dying = newLog();
        dying.open();
        dying.write(due(NOW, new ScheduleRecord.Cursor(NOW)));
        Awaitility.await()
                .untilAsserted(() -> assertThat(broker.written(Topics.DUE_MAINTENANCE)).hasSize(1));

        KafkaScheduleLog next = newLog();
        Ledger ledger = next.open();
        assertThat(ledger.considered()).isEmpty();
        assertThat(broker.committed(Topics.DUE_MAINTENANCE)).isEmpty();
        next.commit(due(NOW, new ScheduleRecord.Cursor(NOW)));

        assertThat(broker.events(Topics.DUE_MAINTENANCE)).hasSize(1);
        assertThat(newLog().open().considered()).contains(NOW);
    }

    @Test
    void shutsOutTheEarlierInstanceWhetherItIdlesOrIsInTheMiddleOfATransaction() {
        KafkaScheduleLog idle = newLog();
        idle.open();
        KafkaScheduleLog writing = newLog();
        writing.open();
        writing.write(due(NOW, new ScheduleRecord.Cursor(NOW)));
        KafkaScheduleLog inCharge = newLog();
        inCharge.open();

        assertFenced(() -> idle.commit(due(NOW, new ScheduleRecord.Cursor(NOW))));
        assertFenced(writing::end);
        inCharge.commit(
                due(NOW.plusSeconds(3600), new ScheduleRecord.Cursor(NOW.plusSeconds(3600))));

        assertThat(broker.events(Topics.DUE_MAINTENANCE))
                .containsExactly(
                        new MonitoringCheckDue(NOW.plusSeconds(3600), NOW.plusSeconds(4500)));
        assertThat(newLog().open().considered()).contains(NOW.plusSeconds(3600));
    }

    @Test
    void readsARequestAgainUntilACommitCoversItAndNeverAfter() {
        broker.request(request("one"));
        KafkaScheduleLog first = newLog();
        first.open();
        assertThat(poll(first)).hasSize(1);
        first.close();

        KafkaScheduleLog second = newLog();
        second.open();
        assertThat(poll(second)).hasSize(1);
        second.commit(remember(new ScheduleRecord.Cursor(NOW)));
        broker.request(request("two"));
        KafkaScheduleLog third = newLog();
        third.open();

        assertThat(poll(third))
                .satisfiesExactly(incoming ->
                        assertThat(incoming)
                                .isInstanceOfSatisfying(
                                        Incoming.Request.class,
                                        request ->
                                                assertThat(request.event().data().idempotencyKey())
                                                        .isEqualTo("two")));
    }

    @Test
    void putsWhatNobodyCanReadOnTheDeadLetterTopicAsItWasWithTheReason() {
        broker.send(new ProducerRecord<>(Topics.REQUESTS, "shop", "{no json".getBytes(UTF_8)));
        broker.request(request("good"));
        KafkaScheduleLog log = newLog();
        log.open();

        List<Incoming> incoming = poll(log);
        assertThat(incoming)
                .satisfiesExactly(
                        poison -> assertThat(poison).isInstanceOf(Incoming.Unreadable.class),
                        good -> assertThat(good).isInstanceOf(Incoming.Request.class));
        Incoming.Unreadable poison = (Incoming.Unreadable) incoming.getFirst();
        log.commit(
                new Decision(
                        List.of(),
                        List.of(),
                        List.of(new Decision.Refusal(poison.position(), poison.why())),
                        List.of()));

        assertThat(broker.committed(Topics.deadLetter(Topics.REQUESTS)))
                .singleElement()
                .satisfies(letter -> {
                    assertThat(letter.key()).isEqualTo("shop");
                    assertThat(letter.value()).isEqualTo("{no json".getBytes(UTF_8));
                    assertThat(header(letter, "cairn_dlq_reason"))
                            .startsWith("EVENT_UNREADABLE: ")
                            .contains("hint: ");
                    assertThat(header(letter, "cairn_dlq_topic")).isEqualTo(Topics.REQUESTS);
                    assertThat(header(letter, "cairn_dlq_offset")).isEqualTo("0");
                });
        assertThat(poll(log)).isEmpty();
    }

    @Test
    void waitsForABrokerThatGoesAwayAndPublishesOnce() throws Exception {
        KafkaScheduleLog log = newLog();
        log.open();
        log.commit(remember(new ScheduleRecord.Cursor(NOW.minusSeconds(60))));

        broker.server().kill();
        Decision decision = due(NOW, new ScheduleRecord.Cursor(NOW));
        Thread committing = Thread.ofPlatform().start(() -> commitUntilDone(log, decision));
        // Long enough for the client to notice; whichever call it hangs in, the outcome is the
        // same.
        committing.join(Duration.ofSeconds(2));
        broker.server().start();
        committing.join(Duration.ofSeconds(60));

        assertThat(committing.isAlive()).isFalse();
        assertThat(broker.events(Topics.DUE_MAINTENANCE)).hasSize(1);
        assertThat(newLog().open().considered()).contains(NOW);
    }

    private static void commitUntilDone(KafkaScheduleLog log, Decision decision) {
        boolean done = false;
        while (!done) {
            try {
                log.commit(decision);
                done = true;
            } catch (CairnException e) {
                assertThat(e.code()).isEqualTo(ErrorCode.BROKER_UNREACHABLE);
            }
        }
    }

    @Test
    void refusesToGuessAtWhatItRemembers() {
        broker.send(new ProducerRecord<>(Topics.SCHEDULE, "cursor", "yesterday".getBytes(UTF_8)));

        assertThatExceptionOfType(CairnException.class)
                .isThrownBy(() -> newLog().open())
                .satisfies(e -> assertThat(e.code()).isEqualTo(ErrorCode.EVENT_UNREADABLE))
                .withMessageContaining("cairn.schedule-0@0");
    }

    private KafkaScheduleLog newLog() {
        KafkaScheduleLog log =
                new KafkaScheduleLog(broker.client(), "cairn-scheduler", new Random());
        logs.add(log);
        return log;
    }

    private static Decision due(Instant now, ScheduleRecord... records) {
        return new Decision(
                List.of(
                        EventEnvelope.of(
                                new MonitoringCheckDue(now, now.plusSeconds(900)),
                                Scheduler.SOURCE,
                                now)),
                List.of(records),
                List.of(),
                List.of());
    }

    private static Decision remember(ScheduleRecord... records) {
        return new Decision(List.of(), List.of(records), List.of(), List.of());
    }

    private static void assertFenced(ThrowingCallable call) {
        assertThatExceptionOfType(CairnException.class)
                .isThrownBy(call)
                .satisfies(e -> assertThat(e.code()).isEqualTo(ErrorCode.SCHEDULER_FENCED));
    }

    private static List<Incoming> poll(KafkaScheduleLog log) {
        List<Incoming> found = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            found.addAll(log.poll(Duration.ofMillis(200)));
        }
        return found;
    }

    private static BackupRequested request(String key) {
        return new BackupRequested(SHOP, BackupKind.FULL, NOW, "ada", key, Duration.ofHours(1));
    }

    private static String header(ConsumerRecord<?, ?> letter, String name) {
        return new String(letter.headers().lastHeader(name).value(), UTF_8);
    }
}
