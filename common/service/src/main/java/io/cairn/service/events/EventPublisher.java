package io.cairn.service.events;

import io.cairn.events.CairnEvent;
import io.cairn.events.EventEnvelope;
import io.cairn.model.error.CairnException;
import io.cairn.model.error.ErrorCode;
import java.util.Optional;

/**
 * Tells facts to everybody. Every method blocks until the broker has acknowledged the event (all
 * in-sync replicas), so that whoever acknowledges work after publishing has published: call it from
 * virtual threads, never from an event loop.
 *
 * <p>The topic is {@link io.cairn.events.Topics#of}, the key {@link CairnEvent#key()}. Publishing
 * the same fact again is harmless: its id is deterministic and readers drop what they know.
 *
 * <p>Thread-safe. Events of one thread with the same key arrive in the order in which they were
 * published.
 */
public interface EventPublisher {

    /**
     * Publishes an event as it is.
     *
     * @throws CairnException {@link ErrorCode#BROKER_UNREACHABLE} if it was not acknowledged within
     *     {@code cairn.events.publish-timeout} (default 30 s); it may have been stored
     *     nevertheless, so publish it again
     */
    void publish(EventEnvelope<?> event);

    /**
     * Publishes a fact of this service that happened because of {@code cause}: source, time,
     * correlation, causation and trace context are filled in.
     *
     * @return the event as it was published
     * @throws CairnException {@link ErrorCode#BROKER_UNREACHABLE}
     */
    <E extends CairnEvent> EventEnvelope<E> publish(E fact, Optional<EventEnvelope<?>> cause);

    /**
     * Publishes a fact of this service that no event made happen.
     *
     * @throws CairnException {@link ErrorCode#BROKER_UNREACHABLE}
     */
    default <E extends CairnEvent> EventEnvelope<E> publish(E fact) {
        return publish(fact, Optional.empty());
    }
}
