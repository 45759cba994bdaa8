package io.cairn.executor.publish;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.cairn.events.BackupProgressed;
import io.cairn.events.BackupSkipped;
import io.cairn.events.CairnEvent;
import io.cairn.model.AttemptId;
import io.cairn.model.BackupLabel;
import io.cairn.model.ClusterName;
import io.cairn.model.RunId;
import io.cairn.model.Tier;
import io.cairn.model.error.CairnException;
import io.cairn.model.error.ErrorCode;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class QueuedRunEventsTest {

    private static final RunId RUN =
            new RunId(new ClusterName("shop"), new BackupLabel("20261122T020000Z-F"));
    private static final QueuedRunEvents.Limits LIMITS =
            new QueuedRunEvents.Limits(
                    10, Duration.ofMillis(5), Duration.ofMillis(20), Duration.ofSeconds(10));

    private final Broker broker = new Broker();
    private QueuedRunEvents events = new QueuedRunEvents("run", broker, LIMITS);

    /** Takes facts unless it is away. */
    private static final class Broker implements EventSink {

        private final List<CairnEvent> taken = new CopyOnWriteArrayList<>();
        private volatile boolean away;
        private volatile int tries;

        @Override
        public void publish(CairnEvent fact) {
            tries++;
            if (away) {
                throw new CairnException(ErrorCode.BROKER_UNREACHABLE, "away", "wait");
            }
            taken.add(fact);
        }
    }

    @AfterEach
    void close() {
        events.close();
    }

    @Test
    void factsArriveInTheirOrder() throws InterruptedException {
        IntStream.range(0, 9).forEach(n -> events.tell(fact(n)));
        events.publish(fact(9));

        assertThat(broker.taken)
                .containsExactlyElementsOf(
                        IntStream.range(0, 10).mapToObj(QueuedRunEventsTest::fact).toList());
        assertThat(events.dropped()).isZero();
    }

    @Test
    void tellingNeverWaitsForABrokerThatIsAway() {
        broker.away = true;

        IntStream.range(0, 100).forEach(n -> events.tell(fact(n)));
        await().until(() -> broker.tries > 2);
        assertThat(broker.taken).isEmpty();
        assertThat(events.dropped()).isBetween(89L, 90L);

        broker.away = false;
        await().untilAsserted(
                        () -> assertThat(broker.taken).hasSizeBetween(10, 11).startsWith(fact(0)));
    }

    @Test
    void publishingWaitsUntilTheBrokerIsBack() throws InterruptedException {
        broker.away = true;
        events.tell(fact(1));
        Thread publisher =
                Thread.ofVirtual()
                        .start(() -> {
                            try {
                                events.publish(fact(2));
                            } catch (InterruptedException e) {
                                throw new AssertionError(e);
                            }
                        });
        await().until(() -> broker.tries > 2);
        assertThat(publisher.isAlive()).isTrue();

        broker.away = false;
        publisher.join();
        assertThat(broker.taken).containsExactly(fact(1), fact(2));
    }

    @Test
    void publishingGivesUpAtItsLimit() {
        broker.away = true;
        events.close();
        events =
                new QueuedRunEvents(
                        "run", broker, LIMITS.withPublishTimeout(Duration.ofMillis(100)));

        assertThatThrownBy(() -> events.publish(fact(1)))
                .isInstanceOf(CairnException.class)
                .satisfies(e ->
                        assertThat(((CairnException) e).code())
                                .isEqualTo(ErrorCode.BROKER_UNREACHABLE))
                .hasMessageContaining("BackupSkipped");
    }

    @Test
    void whatCanNeverBePublishedIsThePublishersError() throws InterruptedException {
        events.close();
        events =
                new QueuedRunEvents(
                        "run",
                        fact -> {
                            if (fact.equals(fact(1))) {
                                throw new CairnException(
                                        ErrorCode.INTERNAL, "no topic for it", "report it");
                            }
                            broker.publish(fact);
                        },
                        LIMITS);

        assertThatThrownBy(() -> events.publish(fact(1))).hasMessageContaining("no topic for it");
        events.publish(fact(2));
        assertThat(broker.taken).containsExactly(fact(2));
    }

    @Test
    void onlyOneProgressWaits() throws InterruptedException {
        broker.away = true;
        events.tell(fact(1));
        await().until(() -> broker.tries > 0);
        IntStream.range(0, 50).forEach(n -> events.tell(progress(n)));

        broker.away = false;
        events.publish(fact(2));
        assertThat(broker.taken).containsExactly(fact(1), progress(0), fact(2));

        events.tell(progress(77));
        await().untilAsserted(() -> assertThat(broker.taken).contains(progress(77)));
        assertThat(events.dropped()).as("a progress that is overtaken is no loss").isZero();
    }

    @Test
    void closingPublishesNothing() {
        broker.away = true;
        events.tell(fact(1));
        events.tell(fact(2));
        await().until(() -> broker.tries > 0);

        events.close();
        broker.away = false;

        await().pollDelay(Duration.ofMillis(60)).until(() -> true);
        assertThat(broker.taken).isEmpty();
    }

    private static CairnEvent fact(int number) {
        return new BackupSkipped(RUN, Tier.OLTP, Instant.EPOCH, "number " + number);
    }

    private static CairnEvent progress(int number) {
        return new BackupProgressed(
                RUN, new AttemptId("0123456789abcdef"), number, 100, 0, Instant.EPOCH);
    }
}
