package io.cairn.bench.month;

import io.cairn.events.CairnEvent;
import io.cairn.events.EventEnvelope;
import io.cairn.service.events.EventPublisher;
import java.time.InstantSource;
import java.util.Optional;

/** Takes what is told, and nobody listens: others find it by listing. */
record Unpublished(InstantSource clock) implements EventPublisher {

    @Override
    public void publish(EventEnvelope<?> event) {}

    @Override
    public <E extends CairnEvent> EventEnvelope<E> publish(
            E fact, Optional<EventEnvelope<?>> cause) {
        return EventEnvelope.of(fact, "/month", clock.instant());
    }
}
