package io.cairn.events;

import io.cairn.model.RunId;
import java.time.Instant;
import java.util.Optional;

/**
 * An event with what CloudEvents 1.0 says about it.
 *
 * @param id unique per source; the fact's {@link CairnEvent#deterministicId()}
 * @param source which service said it, {@code /cairn/executor-service}
 * @param time when it was said
 * @param correlationId the run it belongs to (extension {@code correlationid})
 * @param causationId id of the event that made it happen (extension {@code causationid})
 * @param traceparent W3C trace context
 */
public record EventEnvelope<E extends CairnEvent>(
        String id,
        String source,
        Instant time,
        Optional<String> correlationId,
        Optional<String> causationId,
        Optional<String> traceparent,
        E data) {

    /** A fact with its deterministic id, correlated with its run if it has one. */
    public static <E extends CairnEvent> EventEnvelope<E> of(E data, String source, Instant time) {
        return new EventEnvelope<>(
                data.deterministicId(),
                source,
                time,
                data.correlatedRun().map(RunId::toString),
                Optional.empty(),
                Optional.empty(),
                data);
    }

    public EventEnvelope<E> tracedBy(String traceparent) {
        return new EventEnvelope<>(
                id, source, time, correlationId, causationId, Optional.of(traceparent), data);
    }

    public EventEnvelope<E> correlatedWith(String correlationId) {
        return new EventEnvelope<>(
                id, source, time, Optional.of(correlationId), causationId, traceparent, data);
    }

    /** This event happened because of {@code cause}: takes over its correlation and trace. */
    public EventEnvelope<E> causedBy(EventEnvelope<?> cause) {
        return new EventEnvelope<>(
                id,
                source,
                time,
                correlationId.or(cause::correlationId),
                Optional.of(cause.id()),
                traceparent.or(cause::traceparent),
                data);
    }
}
