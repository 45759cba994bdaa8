package io.cairn.executor.publish;

import io.cairn.events.BackupProgressed;
import io.cairn.events.CairnEvent;
import io.cairn.model.error.CairnException;
import io.cairn.model.error.ErrorCode;

/**
 * Where a run says what happens to it. Facts arrive in the order in which they were told and
 * published. Thread-safe.
 */
public interface RunEvents {

    /**
     * Tells a fact when the broker can take it and returns at once: a broker that is away must not
     * hold a backup up. What is told may be lost: the number of facts that wait is limited, and of
     * {@link BackupProgressed} only one waits. So it is for what somebody else finds out too, by
     * listing the bucket or from the run's last event.
     */
    void tell(CairnEvent fact);

    /**
     * Publishes a fact, and returns when the broker has acknowledged it. For what nobody else would
     * say.
     *
     * @throws CairnException {@link ErrorCode#BROKER_UNREACHABLE} when the time for that is over
     */
    void publish(CairnEvent fact) throws InterruptedException;

    /** Says nothing to nobody, for runs outside a service. */
    RunEvents NONE =
            new RunEvents() {
                @Override
                public void tell(CairnEvent fact) {}

                @Override
                public void publish(CairnEvent fact) {}
            };
}
