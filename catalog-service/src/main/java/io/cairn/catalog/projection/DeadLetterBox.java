package io.cairn.catalog.projection;

import io.cairn.model.error.CairnException;
import io.cairn.model.error.ErrorCode;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/** Where records go that cannot be projected, ever. Blocking; thread-safe. */
public interface DeadLetterBox {

    /**
     * Returns when the broker has it.
     *
     * @param reason one line for the operator
     * @throws CairnException {@link ErrorCode#BROKER_UNREACHABLE}
     */
    void put(ConsumerRecord<byte[], byte[]> record, String reason);
}
