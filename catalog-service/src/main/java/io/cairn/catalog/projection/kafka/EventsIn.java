package io.cairn.catalog.projection.kafka;

import io.cairn.catalog.projection.DeadLetterBox;
import io.cairn.catalog.projection.FactStore;
import io.cairn.catalog.projection.ProjectionSettings;
import io.cairn.catalog.projection.Projector;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.eclipse.microprofile.reactive.messaging.Incoming;

/**
 * Reads every topic of facts as one channel, batch by batch and one batch at a time, and commits
 * behind the database transaction.
 */
@ApplicationScoped
class EventsIn {

    static final String CHANNEL = "events";

    private final Projector projector;

    @Inject
    EventsIn(FactStore store, DeadLetterBox deadLetters, ProjectionSettings settings) {
        this.projector = new Projector(store, deadLetters, settings);
    }

    @Incoming(CHANNEL)
    Uni<Void> project(ConsumerRecords<byte[], byte[]> records) {
        return Uni.createFrom()
                .voidItem()
                .invoke(() -> projector.project(records))
                .runSubscriptionOn(
                        task -> Thread.ofVirtual().name("catalog-projection").start(task));
    }
}
