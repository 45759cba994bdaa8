package io.cairn.catalog.projection.kafka;

import io.cairn.catalog.projection.DeadLetterBox;
import io.cairn.model.error.CairnException;
import io.cairn.model.error.ErrorCode;
import io.cairn.service.intake.DeadLetters;
import io.cairn.service.intake.Delivery;
import io.cairn.service.kafka.KafkaSettings;
import jakarta.annotation.PreDestroy;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/** {@code dlq.<topic>}, as every service writes it. */
@ApplicationScoped
class KafkaDeadLetterBox implements DeadLetterBox {

    private final DeadLetters letters;

    @Inject
    KafkaDeadLetterBox(
            KafkaSettings kafka,
            @ConfigProperty(name = "mp.messaging.incoming." + EventsIn.CHANNEL + ".group.id")
                    String group) {
        this.letters = new DeadLetters(kafka.client(), group);
    }

    @Override
    public void put(ConsumerRecord<byte[], byte[]> record, String reason) {
        try {
            letters.put(
                    record,
                    new Delivery(record.topic(), record.partition(), record.offset(), 1, 1),
                    reason);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CairnException(
                    ErrorCode.BROKER_UNREACHABLE,
                    "interrupted while a dead letter was written",
                    "start again",
                    e);
        }
    }

    @PreDestroy
    void close() {
        letters.close();
    }
}
