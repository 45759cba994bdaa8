package io.cairn.service.intake;

import org.apache.kafka.clients.consumer.AcknowledgeType;

/** How a record is acknowledged in the end. */
enum Settlement {
    ACCEPT_DONE(AcknowledgeType.ACCEPT),
    /**
     * Accepted, because its copy with the reason is on the dead letter topic: rejecting it would
     * put it there twice.
     */
    ACCEPT_DEAD_LETTERED(AcknowledgeType.ACCEPT),
    RELEASE(AcknowledgeType.RELEASE);

    private final AcknowledgeType type;

    Settlement(AcknowledgeType type) {
        this.type = type;
    }

    AcknowledgeType type() {
        return type;
    }
}
