package io.cairn.executor.publish;

import io.cairn.events.CairnEvent;
import io.cairn.model.error.CairnException;

/** Publishes one fact and waits for its acknowledgement, within a limit of its own. Thread-safe. */
@FunctionalInterface
public interface EventSink {

    /**
     * @throws CairnException of category TRANSIENT if the broker did not acknowledge it in time;
     *     publishing it again is harmless
     */
    void publish(CairnEvent fact);
}
