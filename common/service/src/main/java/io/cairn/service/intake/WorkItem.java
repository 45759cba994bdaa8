package io.cairn.service.intake;

import io.cairn.events.EventCodec;
import io.cairn.events.EventEnvelope;
import io.cairn.events.Topics;
import io.cairn.model.error.CairnException;
import io.cairn.model.error.ErrorCategory;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.jboss.logging.Logger;

/**
 * All that is done with one delivered record, from reading it to its settlement, pauses and dead
 * letters included. Runs on a virtual thread while the worker keeps the record's lock.
 */
final class WorkItem implements Callable<Settlement> {

    private static final Logger LOG = Logger.getLogger(ShareGroupIntake.class);

    private final Context context;
    private final ConsumerRecord<byte[], byte[]> record;
    private final Delivery delivery;

    WorkItem(Context context, ConsumerRecord<byte[], byte[]> record) {
        this.context = context;
        this.record = record;
        this.delivery =
                new Delivery(
                        record.topic(),
                        record.partition(),
                        record.offset(),
                        record.deliveryCount().orElse((short) 1),
                        context.settings().redelivery().limit());
    }

    /** What all records of an intake have in common. */
    record Context(
            IntakeSettings settings,
            Handler handler,
            DeadLetters deadLetters,
            Closing closing,
            IntakeCounters counters) {}

    @Override
    public Settlement call() throws InterruptedException {
        context.counters().begin();
        try {
            return settle(outcome());
        } finally {
            context.counters().end();
        }
    }

    private Outcome outcome() throws InterruptedException {
        if (delivery.count() > delivery.limit()) {
            return Outcome.reject(
                    "delivered "
                            + delivery.count()
                            + " times without an end; the limit is "
                            + delivery.limit());
        }
        try {
            Optional<EventEnvelope<?>> event = EventCodec.decode(record);
            if (event.isPresent()) {
                return context.handler().handle(event.get(), delivery);
            }
            return Topics.tellsFacts(record.topic())
                    ? Outcome.done()
                    : Outcome.reject("an event of a type that this release does not know");
        } catch (CairnException e) {
            return outcomeOf(e);
        } catch (RuntimeException e) {
            LOG.errorf(e, "The handler of %s failed", delivery);
            return Outcome.reject(e.toString());
        } catch (Error e) {
            // Out of memory, for one: another process may fare better.
            LOG.errorf(e, "The handler of %s failed", delivery);
            return Outcome.retry(e.toString());
        }
    }

    private static Outcome outcomeOf(CairnException e) {
        String reason = e.code() + ": " + e.messageWithHint();
        return e.category() == ErrorCategory.TRANSIENT
                ? Outcome.retry(reason)
                : Outcome.reject(reason);
    }

    private Settlement settle(Outcome outcome) throws InterruptedException {
        return switch (outcome) {
            case Outcome.Done _ -> Settlement.ACCEPT_DONE;
            case Outcome.Retry retry when delivery.isLast() -> deadLetter(retry.reason());
            case Outcome.Retry retry -> release(retry.reason());
            case Outcome.Reject reject -> deadLetter(reject.reason());
        };
    }

    private Settlement release(String reason) throws InterruptedException {
        LOG.warnf("%s is released and delivered again: %s", delivery, reason);
        context.closing().pause(context.settings().redelivery().pauseAfter(delivery.count()));
        return Settlement.RELEASE;
    }

    private Settlement deadLetter(String reason) throws InterruptedException {
        LOG.errorf("%s goes to the dead letter topic: %s", delivery, reason);
        try {
            context.deadLetters().put(record, delivery, reason);
            return Settlement.ACCEPT_DEAD_LETTERED;
        } catch (CairnException e) {
            return release(e.messageWithHint());
        }
    }

    @Override
    public String toString() {
        return delivery.toString();
    }
}
