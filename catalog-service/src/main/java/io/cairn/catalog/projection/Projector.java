package io.cairn.catalog.projection;

import io.cairn.events.EventCodec;
import io.cairn.events.EventEnvelope;
import io.cairn.model.error.CairnException;
import io.cairn.model.error.ErrorCategory;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;
import org.jboss.logging.Logger;

/**
 * Projects batches of records. When {@link #project} returns, every record of the batch is in the
 * database or in a dead letter topic, so its offset may be committed. Blocking; called by one
 * thread at a time.
 */
public final class Projector {

    private static final Logger LOG = Logger.getLogger(Projector.class);

    private final FactStore store;
    private final DeadLetterBox deadLetters;
    private final ProjectionSettings settings;

    public Projector(FactStore store, DeadLetterBox deadLetters, ProjectionSettings settings) {
        this.store = store;
        this.deadLetters = deadLetters;
        this.settings = settings;
    }

    /** A record and what it tells; nothing, if it is of a type that this release does not know. */
    private record Told(ConsumerRecord<byte[], byte[]> record, FactSet facts) {}

    /**
     * @throws CairnException of category TRANSIENT if database or broker did not answer for {@link
     *     ProjectionSettings#retryFor()}: then nothing is known of the batch, and it must be
     *     projected again
     */
    public void project(Iterable<ConsumerRecord<byte[], byte[]>> records) {
        List<Told> told = new ArrayList<>();
        for (ConsumerRecord<byte[], byte[]> record : records) {
            told.add(new Told(record, facts(record)));
        }
        if (told.isEmpty()) {
            return;
        }
        try {
            joinPatiently(told);
        } catch (CairnException e) {
            if (e.category() == ErrorCategory.TRANSIENT) {
                throw e;
            }
            told.forEach(this::joinOrBury);
        }
    }

    private FactSet facts(ConsumerRecord<byte[], byte[]> record) {
        try {
            Optional<EventEnvelope<?>> event = EventCodec.decode(record);
            return event.map(envelope -> Projection.of(envelope.data())).orElse(FactSet.EMPTY);
        } catch (CairnException e) {
            bury(record, e);
            return FactSet.EMPTY;
        }
    }

    /** One by one, so that a record the database refuses takes no other with it. */
    private void joinOrBury(Told told) {
        try {
            joinPatiently(List.of(told));
        } catch (CairnException e) {
            if (e.category() == ErrorCategory.TRANSIENT) {
                throw e;
            }
            bury(told.record(), e);
            joinPatiently(List.of(new Told(told.record(), FactSet.EMPTY)));
        }
    }

    private void bury(ConsumerRecord<byte[], byte[]> record, CairnException reason) {
        LOG.errorf(
                "Record %s-%d@%d goes to the dead letter topic: %s: %s",
                record.topic(),
                record.partition(),
                record.offset(),
                reason.code(),
                reason.messageWithHint());
        deadLetters.put(record, reason.code() + ": " + reason.messageWithHint());
    }

    private void joinPatiently(List<Told> told) {
        FactSet facts = FactSet.joined(told.stream().map(Told::facts).toList());
        Map<TopicPartition, Long> next = next(told);
        long deadline = System.nanoTime() + settings.retryFor().toNanos();
        Duration pause = settings.retryPause();
        while (true) {
            try {
                store.join(facts, next);
                return;
            } catch (CairnException e) {
                if (e.category() != ErrorCategory.TRANSIENT || System.nanoTime() - deadline >= 0) {
                    throw e;
                }
                LOG.warnf("Projection waits %d ms: %s", pause.toMillis(), e.messageWithHint());
                sleep(pause, e);
                pause = pause.multipliedBy(2);
                pause =
                        pause.compareTo(settings.retryPauseMax()) < 0
                                ? pause
                                : settings.retryPauseMax();
            }
        }
    }

    private static void sleep(Duration pause, CairnException why) {
        try {
            TimeUnit.MILLISECONDS.sleep(pause.toMillis());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw why;
        }
    }

    private static Map<TopicPartition, Long> next(List<Told> told) {
        Map<TopicPartition, Long> next = new HashMap<>();
        told.forEach(one ->
                next.merge(
                        new TopicPartition(one.record().topic(), one.record().partition()),
                        one.record().offset() + 1,
                        Math::max));
        return next;
    }
}
