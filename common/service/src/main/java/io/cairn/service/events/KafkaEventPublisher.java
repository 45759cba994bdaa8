package io.cairn.service.events;

import io.cairn.events.CairnEvent;
import io.cairn.events.EventCodec;
import io.cairn.events.EventEnvelope;
import io.cairn.model.error.CairnException;
import io.cairn.model.error.ErrorCode;
import io.quarkus.arc.DefaultBean;
import io.smallrye.mutiny.TimeoutException;
import io.smallrye.reactive.messaging.MutinyEmitter;
import io.smallrye.reactive.messaging.kafka.api.OutgoingKafkaRecordMetadata;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.random.RandomGenerator;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.eclipse.microprofile.reactive.messaging.Channel;
import org.eclipse.microprofile.reactive.messaging.Message;
import org.eclipse.microprofile.reactive.messaging.OnOverflow;

/** Publishes through the channel {@code cairn-events}, whose settings come with this library. */
@ApplicationScoped
@DefaultBean
class KafkaEventPublisher implements EventPublisher {

    /** Events on their way at once; whoever comes later waits. Bounds the emitter's buffer. */
    static final int IN_FLIGHT = 256;

    private final MutinyEmitter<byte[]> emitter;
    private final InstantSource clock;
    private final TraceContext traces;
    private final String source;
    private final Duration timeout;
    private final Semaphore inFlight = new Semaphore(IN_FLIGHT);

    @Inject
    KafkaEventPublisher(
            @Channel("cairn-events")
                    @OnOverflow(value = OnOverflow.Strategy.BUFFER, bufferSize = IN_FLIGHT)
                    MutinyEmitter<byte[]> emitter,
            InstantSource clock,
            RandomGenerator random,
            @ConfigProperty(name = "quarkus.application.name") String service,
            @ConfigProperty(name = "cairn.events.publish-timeout", defaultValue = "30s")
                    Duration timeout) {
        this.emitter = emitter;
        this.clock = clock;
        this.traces = new TraceContext(random);
        this.source = "/cairn/" + service;
        this.timeout = timeout;
    }

    @Override
    public <E extends CairnEvent> EventEnvelope<E> publish(
            E fact, Optional<EventEnvelope<?>> cause) {
        EventEnvelope<E> event =
                EventEnvelope.of(fact, source, clock.instant())
                        .tracedBy(traces.next(cause.flatMap(EventEnvelope::traceparent)));
        EventEnvelope<E> caused = cause.isPresent() ? event.causedBy(cause.get()) : event;
        publish(caused);
        return caused;
    }

    @Override
    public void publish(EventEnvelope<?> event) {
        ProducerRecord<String, byte[]> record = EventCodec.encode(event);
        Message<byte[]> message =
                Message.of(record.value())
                        .addMetadata(
                                OutgoingKafkaRecordMetadata.<String>builder()
                                        .withTopic(record.topic())
                                        .withKey(record.key())
                                        .withHeaders(record.headers())
                                        .build());
        inFlight.acquireUninterruptibly();
        try {
            emitter.sendMessage(message).await().atMost(timeout);
        } catch (TimeoutException e) {
            throw unreachable(event, "no acknowledgement within " + timeout.toSeconds() + " s", e);
        } catch (RuntimeException e) {
            throw unreachable(
                    event,
                    e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage(),
                    e);
        } finally {
            inFlight.release();
        }
    }

    private static CairnException unreachable(EventEnvelope<?> event, String why, Throwable cause) {
        return new CairnException(
                ErrorCode.BROKER_UNREACHABLE,
                "cannot publish " + event.data().type() + " " + event.id() + ": " + why,
                "check that the Kafka broker runs and that kafka.bootstrap.servers names it",
                cause);
    }
}
