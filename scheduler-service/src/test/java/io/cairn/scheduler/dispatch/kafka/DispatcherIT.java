package io.cairn.scheduler.dispatch.kafka;

import static org.assertj.core.api.Assertions.assertThat;

import io.cairn.events.BackupDue;
import io.cairn.events.BackupRequested;
import io.cairn.events.BackupSkipped;
import io.cairn.events.BackupSuperseded;
import io.cairn.events.CairnEvent;
import io.cairn.events.MonitoringCheckDue;
import io.cairn.events.Topics;
import io.cairn.model.BackupKind;
import io.cairn.model.BackupLabel;
import io.cairn.model.ClusterName;
import io.cairn.model.Tier;
import io.cairn.model.error.CairnException;
import io.cairn.model.error.ErrorCode;
import io.cairn.model.policy.BackupSchedule;
import io.cairn.model.policy.CatchUp;
import io.cairn.scheduler.dispatch.DispatchObserver;
import io.cairn.scheduler.dispatch.Dispatcher;
import io.cairn.scheduler.dispatch.ScheduleLog;
import io.cairn.scheduler.firing.CursorStart;
import io.cairn.scheduler.firing.Decision;
import io.cairn.scheduler.firing.FiringRules;
import io.cairn.scheduler.firing.Incoming;
import io.cairn.scheduler.firing.Ledger;
import io.cairn.scheduler.firing.Plans;
import io.cairn.scheduler.firing.Scheduler;
import io.cairn.scheduler.policy.SchedulePlan;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** The whole loop on a real broker, with a clock that the test sets. */
@ExtendWith(BrokerExtension.class)
class DispatcherIT {

    private static final SchedulePlan PLAN =
            Plans.shop(
                    Plans.daily(CatchUp.LATEST),
                    new BackupSchedule(
                            BackupKind.INCREMENTAL, "0 * * * *", CatchUp.ALL, Duration.ofHours(6)));
    private static final Duration TICK = Duration.ofMillis(50);

    private final List<Running> running = new ArrayList<>();

    private final Broker broker;

    private volatile Instant now = Instant.EPOCH;

    DispatcherIT(Broker broker) {
        this.broker = broker;
    }

    @AfterEach
    void stopSchedulers() {
        running.forEach(Running::stop);
        running.clear();
    }

    @Test
    void publishesADueTimeOnceOverARestart() {
        now = at("2026-11-22T01:59:58Z");
        Running first = scheduler();
        first.awaitTicks(2);
        now = at("2026-11-22T02:00:01Z");
        awaitDue(1);
        first.stop();

        Running second = scheduler();
        second.awaitTicks(5);

        assertThat(dues())
                .singleElement()
                .satisfies(due -> {
                    assertThat(due.run().label().value()).isEqualTo("20261122T020000Z-F");
                    assertThat(due.policy()).isEqualTo(Plans.RUN);
                });
        assertThat(broker.events(Topics.LIFECYCLE))
                .singleElement()
                .isInstanceOf(BackupSuperseded.class);
    }

    @Test
    void catchesUpTheLatestFullAfterADowntimeOfDays() {
        now = at("2026-11-19T12:00:00Z");
        Running first = scheduler();
        first.awaitTicks(1);
        first.stop();
        now = at("2026-11-22T03:30:00Z");

        scheduler().awaitTicks(2);

        assertThat(fulls())
                .extracting(due -> due.run().label().value())
                .containsExactly("20261122T020000Z-F");
        assertThat(broker.events(Topics.LIFECYCLE))
                .filteredOn(event ->
                        event instanceof BackupSkipped skipped
                                && skipped.run().label().kind() == BackupKind.FULL)
                .hasSize(2);
    }

    @Test
    void takesMaintenanceAllTheWayToItsTopic() {
        now = at("2026-11-22T00:44:59Z");
        scheduler().awaitTicks(1);
        now = at("2026-11-22T00:45:00Z");

        Awaitility.await()
                .untilAsserted(() ->
                        assertThat(broker.events(Topics.DUE_MAINTENANCE))
                                .containsExactly(
                                        new MonitoringCheckDue(
                                                now, now.plus(Duration.ofMinutes(15)))));
    }

    @Test
    void makesOneRunOfRepeatedRequestsOverARestart() {
        now = at("2026-11-22T01:10:12Z");
        Running first = scheduler();
        broker.request(request("key-1"));
        broker.request(request("key-1"));
        awaitDue(1);
        first.stop();
        Running second = scheduler();
        broker.request(request("key-1"));
        broker.request(
                new BackupRequested(
                        new ClusterName("nobody"),
                        BackupKind.FULL,
                        now,
                        "ada",
                        "key-2",
                        Duration.ofHours(1)));

        Awaitility.await()
                .untilAsserted(() ->
                        assertThat(broker.committed(Topics.deadLetter(Topics.REQUESTS)))
                                .hasSize(1));
        second.awaitTicks(2);

        assertThat(dues())
                .extracting(due -> due.run().toString())
                .containsExactly("shop:20261122T011012Z-F");
    }

    @Test
    void endsWhenAnotherSchedulerTakesOverAndLosesNothing() {
        now = at("2026-11-22T01:59:58Z");
        Running old = scheduler();
        old.awaitTicks(1);
        Running young = scheduler();
        young.awaitTicks(1);

        now = at("2026-11-22T02:00:01Z");

        assertThat(old.failure())
                .isInstanceOfSatisfying(
                        CairnException.class,
                        e -> {
                            assertThat(e.code()).isEqualTo(ErrorCode.SCHEDULER_FENCED);
                            assertThat(e.messageWithHint())
                                    .contains("another scheduler")
                                    .contains("hint: ");
                        });
        awaitDue(1);
        young.awaitTicks(3);
        assertThat(fulls()).hasSize(1);
    }

    @Test
    void answersEveryDueTimeOnceHoweverOftenItDies() {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        Instant begin = at("2026-11-22T00:00:30Z");
        now = begin;
        List<KafkaScheduleLog> dead = new ArrayList<>();
        for (int life = 0; life < 12; life++) {
            // The schedule begins with the first commit: nothing before it is due.
            DyingLog log = new DyingLog(random, life == 0 ? 2 : 1);
            live(log);
            dead.add(log.log);
            now = now.plus(Duration.ofMinutes(random.nextInt(90)));
        }
        Running last = scheduler();
        last.awaitTicks(3);
        Instant end = now;
        dead.forEach(KafkaScheduleLog::close);

        List<String> expected =
                Stream.iterate(
                                begin.truncatedTo(ChronoUnit.HOURS).plus(1, ChronoUnit.HOURS),
                                hour -> !hour.isAfter(end),
                                hour -> hour.plus(1, ChronoUnit.HOURS))
                        .flatMap(hour ->
                                PLAN.clusters().getFirst().kinds().stream()
                                        .filter(kind ->
                                                !kind.times()
                                                        .between(hour.minusNanos(1), hour, 1)
                                                        .times()
                                                        .isEmpty())
                                        .map(kind -> BackupLabel.of(hour, kind.kind()).value()))
                        .toList();
        assertThat(answered()).as("seed %d", seed).containsExactlyInAnyOrderElementsOf(expected);
    }

    /** One life of a scheduler, from its start to its death; the clock runs 10 minutes per tick. */
    private void live(DyingLog log) {
        DispatchObserver clock =
                new DispatchObserver() {
                    @Override
                    public void ticked(Instant at, Duration behind) {
                        now = now.plus(Duration.ofMinutes(10));
                    }
                };
        try {
            dispatcher(log, clock).run();
        } catch (Death _) {
            // As it was meant.
        }
    }

    private static final class Death extends RuntimeException {}

    /** Dies at one of the first commits: before it, between its writes and its end, or after it. */
    private final class DyingLog implements ScheduleLog {

        private final KafkaScheduleLog log = kafkaLog();
        private final int where;
        private int commitsLeft;

        /**
         * @param first commit that it may die at, from 1
         */
        DyingLog(Random random, int first) {
            this.where = random.nextInt(3);
            this.commitsLeft = random.nextInt(first, 5);
        }

        @Override
        public Ledger open() {
            return log.open();
        }

        @Override
        public List<Incoming> poll(Duration timeout) {
            return log.poll(timeout);
        }

        @Override
        public void commit(Decision decision) {
            if (--commitsLeft > 0) {
                log.commit(decision);
                return;
            }
            switch (where) {
                case 0 -> {}
                case 1 -> log.write(decision);
                default -> log.commit(decision);
            }
            throw new Death();
        }

        @Override
        public void close() {
            // The dead close nothing.
        }
    }

    private Running scheduler() {
        Running scheduler = new Running();
        running.add(scheduler);
        return scheduler;
    }

    /** A scheduler in its own thread. */
    private final class Running {

        private volatile int ticks;
        private final Dispatcher dispatcher =
                dispatcher(
                        kafkaLog(),
                        new DispatchObserver() {
                            @Override
                            @SuppressWarnings("NonAtomicOperationOnVolatileField") // one writer
                            public void ticked(Instant at, Duration behind) {
                                ticks++;
                            }
                        });
        private final CompletableFuture<Void> end =
                CompletableFuture.runAsync(dispatcher, Thread::startVirtualThread);

        /** Waits for that many looks at the clock from now on. */
        void awaitTicks(int more) {
            int wanted = ticks + more + 1;
            Awaitility.await().until(() -> ticks >= wanted);
        }

        void stop() {
            dispatcher.close();
            Awaitility.await().until(end::isDone);
        }

        Throwable failure() {
            Awaitility.await().until(end::isDone);
            return end.handle((_, e) -> e instanceof CompletionException ? e.getCause() : e).join();
        }
    }

    private Dispatcher dispatcher(ScheduleLog log, DispatchObserver observer) {
        return new Dispatcher(
                new Scheduler(PLAN, FiringRules.DEFAULT),
                log,
                () -> now,
                CursorStart.KEEP,
                TICK,
                observer);
    }

    private KafkaScheduleLog kafkaLog() {
        return new KafkaScheduleLog(broker.client(), "cairn-scheduler", new Random());
    }

    private void awaitDue(int count) {
        Awaitility.await().untilAsserted(() -> assertThat(dues()).hasSize(count));
    }

    private List<BackupDue> dues() {
        return broker.events(Topics.due(Tier.OLTP)).stream()
                .filter(BackupDue.class::isInstance)
                .map(BackupDue.class::cast)
                .toList();
    }

    private List<BackupDue> fulls() {
        return dues().stream().filter(due -> due.kind() == BackupKind.FULL).toList();
    }

    /** The labels of all due times that anything was said about. */
    private List<String> answered() {
        List<String> labels = new ArrayList<>();
        for (CairnEvent event :
                Stream.concat(
                                broker.events(Topics.due(Tier.OLTP)).stream(),
                                broker.events(Topics.LIFECYCLE).stream())
                        .toList()) {
            switch (event) {
                case BackupDue due -> labels.add(due.run().label().value());
                case BackupSkipped skipped -> labels.add(skipped.run().label().value());
                case BackupSuperseded superseded -> labels.add(superseded.run().label().value());
                default -> throw new AssertionError("unexpected " + event);
            }
        }
        return labels;
    }

    private BackupRequested request(String key) {
        return new BackupRequested(
                Plans.SHOP, BackupKind.FULL, now, "ada", key, Duration.ofHours(1));
    }

    private static Instant at(String time) {
        return Instant.parse(time);
    }
}
