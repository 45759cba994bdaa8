package io.cairn.service.intake;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import io.cairn.events.EventCodec;
import io.cairn.events.EventEnvelope;
import io.cairn.events.MonitoringCheckDue;
import io.cairn.events.Topics;
import io.cairn.model.error.CairnException;
import io.cairn.model.error.ErrorCode;
import io.cairn.service.intake.IntakeSettings.Lease;
import io.cairn.service.intake.IntakeSettings.Redelivery;
import io.cairn.testing.KafkaServer;
import io.cairn.testing.TestProcesses;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.BrokenBarrierException;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.api.parallel.ResourceAccessMode;
import org.junit.jupiter.api.parallel.ResourceLock;
import org.junit.jupiter.api.parallel.ResourceLockTarget;

/**
 * Nearly all of a test's time is waiting, so several run at once, each with its own topic and
 * group. Those that stop the broker run alone.
 */
@Timeout(120)
@Execution(ExecutionMode.CONCURRENT)
@ResourceLock(
        value = ShareGroupIntakeIT.BROKER,
        mode = ResourceAccessMode.READ,
        target = ResourceLockTarget.CHILDREN)
class ShareGroupIntakeIT {

    static final String BROKER = "broker";

    private static final Duration LOCK = Duration.ofSeconds(2);
    private static final Lease SHORT = Lease.ofLock(LOCK);
    private static final Lease LONG = Lease.ofLock(Duration.ofSeconds(60));
    private static final Redelivery EAGER =
            new Redelivery(3, Duration.ofMillis(50), Duration.ofMillis(100));

    private static KafkaServer kafka;

    private final String topic = "work-" + UUID.randomUUID();
    private final String group = "group-" + UUID.randomUUID();
    private final List<AutoCloseable> open = new ArrayList<>();

    /** What handlers were given, in order. */
    private final BlockingQueue<Delivered> delivered = new LinkedBlockingQueue<>();

    private KafkaProducer<String, byte[]> producer;

    private record Delivered(String id, Delivery delivery) {}

    @BeforeAll
    static void startBroker(@TempDir Path directory) {
        kafka =
                KafkaServer.in(directory)
                        .property("group.share.min.record.lock.duration.ms", "1000")
                        .start();
    }

    @AfterAll
    static void stopBroker() {
        kafka.close();
    }

    @BeforeEach
    void createTopics() throws ExecutionException, InterruptedException {
        kafka.start();
        try (Admin admin = Admin.create(client())) {
            NewTopic deadLetters =
                    new NewTopic(Topics.deadLetter(topic), 1, (short) 1)
                            .configs(Map.of("errors.deadletterqueue.group.enable", "true"));
            admin.createTopics(List.of(new NewTopic(topic, 1, (short) 1), deadLetters)).all().get();
        }
        producer = new KafkaProducer<>(client(), new StringSerializer(), new ByteArraySerializer());
        open.add(producer);
    }

    @AfterEach
    void closeAll() throws Exception {
        for (AutoCloseable one : open.reversed()) {
            one.close();
        }
    }

    @Test
    void takesWhatWasPublishedBeforeTheGroupExisted() throws Exception {
        publish(1);

        start(settings(1), (event, delivery) -> Outcome.done());

        assertThat(next().id()).isEqualTo(id(1));
    }

    @Test
    void aHandlerThatOutlastsFiveLocksIsNotRedelivered() throws Exception {
        publish(1);
        CountDownLatch fiveLocks = new CountDownLatch(1);
        Handler slow =
                (event, delivery) -> {
                    fiveLocks.await(LOCK.toMillis() * 5 + 500, TimeUnit.MILLISECONDS);
                    return Outcome.done();
                };
        ShareGroupIntake one = start(settings(1), slow);
        ShareGroupIntake other = start(settings(1), slow);

        await().atMost(LOCK.multipliedBy(12))
                .until(() -> one.counts().done() + other.counts().done() == 1);

        assertThat(delivered).extracting(Delivered::id).containsExactly(id(1));
        assertThat(one.counts().lost() + other.counts().lost()).isZero();
        nothingMoreIsDelivered();
    }

    @Test
    void twoIntakesShareTheRecordsOfOnePartition() throws Exception {
        CyclicBarrier allFourAtOnce = new CyclicBarrier(4);
        Handler meeting =
                (event, delivery) -> {
                    try {
                        allFourAtOnce.await(60, TimeUnit.SECONDS);
                        return Outcome.done();
                    } catch (BrokenBarrierException | TimeoutException e) {
                        return Outcome.reject(e.toString());
                    }
                };
        ShareGroupIntake one = start(settings(2), meeting);
        ShareGroupIntake other = start(settings(2), meeting);

        publish(1, 2, 3, 4);

        await().atMost(60, TimeUnit.SECONDS)
                .untilAsserted(() ->
                        assertThat(List.of(one.counts().done(), other.counts().done()))
                                .containsExactly(2L, 2L));
    }

    @Test
    void aKilledProcesssRecordComesBackLongBeforeItsLockExpires() throws Exception {
        publish(1);
        try (IntakeProcess victim =
                IntakeProcess.start(kafka.bootstrapServers(), group, topic, LONG.lock())) {
            assertThat(victim.awaitTaken()).isEqualTo(id(1));
            start(settings(1).withLease(LONG), (event, delivery) -> Outcome.done());

            victim.kill();

            Delivered again = delivered.poll(10, TimeUnit.SECONDS);
            assertThat(again).isNotNull();
            assertThat(again.id()).isEqualTo(id(1));
            assertThat(again.delivery().count()).isEqualTo(2);
        }
    }

    @Test
    void aProcessThatStandsStillLosesItsRecordWithTheLock() throws Exception {
        publish(1);
        try (IntakeProcess victim =
                IntakeProcess.start(kafka.bootstrapServers(), group, topic, LOCK)) {
            assertThat(victim.awaitTaken()).isEqualTo(id(1));
            start(settings(1), (event, delivery) -> Outcome.done());

            TestProcesses.suspend(victim.pid());

            Delivered again = delivered.poll(20, TimeUnit.SECONDS);
            assertThat(again).isNotNull();
            assertThat(again.id()).isEqualTo(id(1));
        }
    }

    @Test
    void whatCannotBeReadGoesToTheDeadLetterTopicWithItsReasonAndTheIntakeGoesOn()
            throws Exception {
        producer.send(new ProducerRecord<>(topic, "shop", "no event".getBytes(UTF_8))).get();
        ProducerRecord<String, byte[]> wrong = record(7);
        producer.send(
                        new ProducerRecord<>(
                                topic, null, wrong.key(), "{}".getBytes(UTF_8), wrong.headers()))
                .get();
        publish(1);

        ShareGroupIntake intake = start(settings(1), (event, delivery) -> Outcome.done());

        assertThat(next().id()).isEqualTo(id(1));
        List<ConsumerRecord<byte[], byte[]>> letters = deadLetters(2);
        assertThat(header(letters.get(0), DeadLetters.REASON))
                .startsWith(
                        "EVENT_UNREADABLE: cannot read record "
                                + topic
                                + "-0@0: it is no CloudEvent hint: ");
        assertThat(letters.get(0).value()).asString(UTF_8).isEqualTo("no event");
        assertThat(header(letters.get(0), DeadLetters.TOPIC)).isEqualTo(topic);
        assertThat(header(letters.get(0), DeadLetters.PARTITION)).isEqualTo("0");
        assertThat(header(letters.get(0), DeadLetters.OFFSET)).isEqualTo("0");
        assertThat(header(letters.get(0), DeadLetters.GROUP)).isEqualTo(group);
        assertThat(header(letters.get(0), DeadLetters.DELIVERIES)).isEqualTo("1");
        assertThat(header(letters.get(1), DeadLetters.REASON))
                .contains("its data is no io.cairn.MonitoringCheckDue.v1");
        assertThat(header(letters.get(1), "ce_id")).as("its own headers stay").isEqualTo(id(7));
        await().untilAsserted(
                        () -> assertThat(intake.counts()).isEqualTo(new IntakeCounts(1, 0, 2, 0)));
    }

    @Test
    void workOfAnUnknownTypeIsNotDroppedInSilence() throws Exception {
        ProducerRecord<String, byte[]> future = record(1);
        future.headers().remove("ce_type").add("ce_type", "io.cairn.TeaDue.v1".getBytes(UTF_8));
        producer.send(future).get();

        start(settings(1), (event, delivery) -> Outcome.done());

        assertThat(header(deadLetters(1).getFirst(), DeadLetters.REASON))
                .isEqualTo("an event of a type that this release does not know");
    }

    @Test
    void whatFailsForGoodGoesToTheDeadLetterTopicAtOnce() throws Exception {
        publish(1, 2, 3);

        start(
                settings(1),
                (event, delivery) -> {
                    if (event.id().equals(id(1))) {
                        throw new CairnException(
                                ErrorCode.POSTGRES_TOO_OLD, "shop is PostgreSQL 9", "upgrade it");
                    }
                    if (event.id().equals(id(2))) {
                        throw new IllegalStateException("a defect");
                    }
                    return Outcome.reject("not wanted");
                });

        assertThat(deadLetters(3))
                .extracting(letter -> header(letter, DeadLetters.REASON))
                .containsExactly(
                        "POSTGRES_TOO_OLD: shop is PostgreSQL 9 hint: upgrade it",
                        "java.lang.IllegalStateException: a defect",
                        "not wanted");
        assertThat(delivered).extracting(Delivered::id).containsExactly(id(1), id(2), id(3));
    }

    @Test
    void whatFailsForNowIsTriedUpToTheLimit() throws Exception {
        publish(1);

        ShareGroupIntake intake =
                start(
                        settings(1).withRedelivery(EAGER),
                        (event, delivery) -> {
                            throw new CairnException(
                                    ErrorCode.STORE_UNREACHABLE, "no store", "start it");
                        });

        assertThat(header(deadLetters(1).getFirst(), DeadLetters.REASON))
                .isEqualTo("STORE_UNREACHABLE: no store hint: start it");
        assertThat(delivered).extracting(it -> it.delivery().count()).containsExactly(1, 2, 3);
        await().untilAsserted(
                        () -> assertThat(intake.counts()).isEqualTo(new IntakeCounts(0, 2, 1, 0)));
    }

    @Test
    void whatFailsForNowSucceedsLater() throws Exception {
        publish(1);

        ShareGroupIntake intake =
                start(
                        settings(1).withRedelivery(EAGER),
                        (event, delivery) ->
                                delivery.isLast() ? Outcome.done() : Outcome.retry("not yet"));

        await().untilAsserted(
                        () -> assertThat(intake.counts()).isEqualTo(new IntakeCounts(1, 2, 0, 0)));
    }

    @Test
    void theLockIsKeptDuringThePauseBeforeARedelivery() throws Exception {
        publish(1);
        Redelivery patient = new Redelivery(3, LOCK.multipliedBy(2), LOCK.multipliedBy(2));

        Handler secondTime =
                (event, delivery) ->
                        delivery.count() > 1 ? Outcome.done() : Outcome.retry("not yet");

        ShareGroupIntake one = start(settings(1).withRedelivery(patient), secondTime);
        ShareGroupIntake other = start(settings(1).withRedelivery(patient), secondTime);

        next();
        assertThat(delivered.poll(LOCK.toMillis() + 1500, TimeUnit.MILLISECONDS)).isNull();
        assertThat(next().delivery().count()).isEqualTo(2);
        assertThat(one.counts().lost() + other.counts().lost()).isZero();
    }

    @Test
    @ResourceLock(BROKER)
    void aBrokerOutageDoesNotDisturbARunningHandler() throws Exception {
        publish(1);
        CountDownLatch release = new CountDownLatch(1);
        AtomicInteger interrupted = new AtomicInteger();
        // The worker stops polling once its lock is lost; the group then counts it as gone, and it
        // must come back.
        IntakeSettings impatient = settings(1).withClient(Map.of("max.poll.interval.ms", 3000));
        ShareGroupIntake intake =
                start(
                        impatient,
                        (event, delivery) -> {
                            try {
                                release.await();
                                return Outcome.done();
                            } catch (InterruptedException e) {
                                interrupted.incrementAndGet();
                                throw e;
                            }
                        });
        assertThat(next().id()).isEqualTo(id(1));

        kafka.kill();
        await().pollDelay(LOCK.multipliedBy(2)).until(() -> intake.running() == 1);
        kafka.start();
        publish(2);
        await().pollDelay(Duration.ofSeconds(4)).until(() -> intake.running() == 1);
        release.countDown();

        // The broker has forgotten the lock: the same work comes again, and what came later is not
        // held up.
        await().atMost(60, TimeUnit.SECONDS)
                .untilAsserted(() -> {
                    assertThat(intake.counts().done()).isGreaterThanOrEqualTo(2);
                    assertThat(delivered).extracting(Delivered::id).contains(id(1), id(2));
                });
        assertThat(interrupted).hasValue(0);
        nothingMoreIsDelivered();
    }

    @Test
    @ResourceLock(BROKER)
    void aBrokerRestartWhileIdleIsSurvived() throws Exception {
        ShareGroupIntake intake = start(settings(1), (event, delivery) -> Outcome.done());
        publish(1);
        assertThat(next().id()).isEqualTo(id(1));
        await().until(() -> intake.counts().done() == 1);

        kafka.stop();
        kafka.start();
        publish(2);

        assertThat(next().id()).isEqualTo(id(2));
        await().until(() -> intake.failure().isEmpty());
    }

    @Test
    void drainingLetsRunningWorkEndAndTakesNoMore() throws Exception {
        publish(1, 2);
        CountDownLatch release = new CountDownLatch(1);
        ShareGroupIntake intake =
                start(
                        settings(1),
                        (event, delivery) -> {
                            release.await();
                            return Outcome.done();
                        });
        next();

        Thread closing = Thread.startVirtualThread(intake::close);
        assertThat(closing.join(LOCK.multipliedBy(2))).as("waits for the handler").isFalse();
        release.countDown();
        closing.join();

        assertThat(intake.counts()).isEqualTo(new IntakeCounts(1, 0, 0, 0));
        assertThat(delivered).isEmpty();
        start(settings(1), (event, delivery) -> Outcome.done());
        assertThat(next().id()).isEqualTo(id(2));
        nothingMoreIsDelivered();
    }

    @Test
    void whatDoesNotEndWithinTheDrainLimitIsInterruptedAndHandedOver() throws Exception {
        publish(1);
        CountDownLatch interrupted = new CountDownLatch(1);
        ShareGroupIntake intake =
                start(
                        settings(1).withLease(LONG).withDrainLimit(Duration.ofMillis(500)),
                        (event, delivery) -> {
                            try {
                                new CountDownLatch(1).await();
                                return Outcome.done();
                            } catch (InterruptedException e) {
                                interrupted.countDown();
                                throw e;
                            }
                        });
        next();

        intake.close();

        assertThat(interrupted.getCount()).isZero();
        assertThat(intake.running()).isZero();
        start(settings(1).withLease(LONG), (event, delivery) -> Outcome.done());
        assertThat(next().delivery().count()).isEqualTo(2);
    }

    @Test
    void aPauseDoesNotHoldUpTheDrain() throws Exception {
        publish(1);
        Redelivery slow = new Redelivery(3, Duration.ofMinutes(5), Duration.ofMinutes(5));
        CountDownLatch failed = new CountDownLatch(1);
        ShareGroupIntake intake =
                start(
                        settings(1).withRedelivery(slow),
                        (event, delivery) -> {
                            failed.countDown();
                            return Outcome.retry("not yet");
                        });
        failed.await();

        Instant begin = Instant.now();
        intake.close();

        assertThat(Duration.between(begin, Instant.now())).isLessThan(Duration.ofSeconds(10));
        assertThat(intake.counts().retried()).isEqualTo(1);
    }

    @Test
    void workOfAnAbortedTransactionIsNeverTaken() throws Exception {
        try (KafkaProducer<String, byte[]> scheduler =
                new KafkaProducer<>(
                        clientAnd("transactional.id", "scheduler-" + topic),
                        new StringSerializer(),
                        new ByteArraySerializer())) {
            scheduler.initTransactions();
            scheduler.beginTransaction();
            scheduler.send(record(1)).get();
            scheduler.abortTransaction();
            scheduler.beginTransaction();
            scheduler.send(record(2)).get();
            scheduler.commitTransaction();
        }

        start(settings(1), (event, delivery) -> Outcome.done());

        assertThat(next().id()).isEqualTo(id(2));
        nothingMoreIsDelivered();
    }

    @Test
    void settingsThatTheBrokerRefusesAreAConfigurationError() {
        IntakeSettings settings = settings(1).withLease(Lease.ofLock(Duration.ofMillis(30)));

        CairnException e =
                catchThrowableOfType(
                        CairnException.class,
                        () ->
                                ShareGroupIntake.start(
                                        settings, (event, delivery) -> Outcome.done()));

        assertThat(e.code()).isEqualTo(ErrorCode.CONFIG_INVALID);
        assertThat(e.getMessage()).contains(group).contains("share.record.lock.duration.ms");
    }

    @Test
    void aBrokerThatIsNotThereIsSaidSo() {
        IntakeSettings settings =
                IntakeSettings.of("127.0.0.1:" + TestProcesses.freePort(), group, List.of(topic), 1)
                        .withClient(
                                Map.of("default.api.timeout.ms", 2000, "request.timeout.ms", 1000));

        CairnException e =
                catchThrowableOfType(
                        CairnException.class,
                        () ->
                                ShareGroupIntake.start(
                                        settings, (event, delivery) -> Outcome.done()));

        assertThat(e.code()).isEqualTo(ErrorCode.BROKER_UNREACHABLE);
        assertThat(e.hint()).isPresent();
    }

    private ShareGroupIntake start(IntakeSettings settings, Handler handler) {
        ShareGroupIntake intake =
                ShareGroupIntake.start(
                        settings,
                        (event, delivery) -> {
                            delivered.add(new Delivered(event.id(), delivery));
                            return handler.handle(event, delivery);
                        });
        open.add(intake);
        return intake;
    }

    private IntakeSettings settings(int workers) {
        return IntakeSettings.of(kafka.bootstrapServers(), group, List.of(topic), workers)
                .withLease(SHORT)
                .withDrainLimit(Duration.ofSeconds(20));
    }

    private Delivered next() throws InterruptedException {
        Delivered next = delivered.poll(60, TimeUnit.SECONDS);
        assertThat(next).as("a delivery").isNotNull();
        return next;
    }

    /** Longer than the lock, so that what was not acknowledged would have come back. */
    private void nothingMoreIsDelivered() throws InterruptedException {
        delivered.clear();
        assertThat(delivered.poll(LOCK.multipliedBy(2).toMillis(), TimeUnit.MILLISECONDS)).isNull();
    }

    private void publish(int... numbers) throws ExecutionException, InterruptedException {
        for (int number : numbers) {
            producer.send(record(number)).get();
        }
    }

    private ProducerRecord<String, byte[]> record(int number) {
        MonitoringCheckDue fact =
                new MonitoringCheckDue(
                        Instant.ofEpochSecond(number),
                        Instant.ofEpochSecond(number).plusSeconds(60));
        ProducerRecord<String, byte[]> encoded =
                EventCodec.encode(EventEnvelope.of(fact, "/cairn/test", Instant.EPOCH));
        return new ProducerRecord<>(
                topic,
                null,
                encoded.key(),
                encoded.value(),
                new RecordHeaders(encoded.headers().toArray()));
    }

    private static String id(int number) {
        return "maintenance:monitoring-check:" + Instant.ofEpochSecond(number);
    }

    private List<ConsumerRecord<byte[], byte[]>> deadLetters(int count) {
        TopicPartition partition = new TopicPartition(Topics.deadLetter(topic), 0);
        ConcurrentLinkedQueue<ConsumerRecord<byte[], byte[]>> letters =
                new ConcurrentLinkedQueue<>();
        try (KafkaConsumer<byte[], byte[]> consumer =
                new KafkaConsumer<>(
                        client(), new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
            consumer.assign(List.of(partition));
            consumer.seekToBeginning(List.of(partition));
            Instant end = Instant.now().plusSeconds(60);
            while (letters.size() < count && Instant.now().isBefore(end)) {
                consumer.poll(Duration.ofMillis(200)).forEach(letters::add);
            }
            consumer.poll(Duration.ofMillis(500)).forEach(letters::add);
        }
        assertThat(letters).hasSize(count);
        return List.copyOf(letters);
    }

    private static String header(ConsumerRecord<?, ?> record, String name) {
        return new String(record.headers().lastHeader(name).value(), UTF_8);
    }

    private static Map<String, Object> client() {
        return Map.of("bootstrap.servers", kafka.bootstrapServers());
    }

    private static Map<String, Object> clientAnd(String name, Object value) {
        return Map.of("bootstrap.servers", kafka.bootstrapServers(), name, value);
    }
}
