package io.cairn.service.intake;

import io.cairn.events.EventEnvelope;

/** Does the work an event asks for. Called on a virtual thread of its own; may take hours. */
@FunctionalInterface
public interface Handler {

    /**
     * Does the work to its end. It must be idempotent: the same event may be delivered again at any
     * time, even while this call still runs (a broker that was away longer than the lock, a machine
     * that stood still).
     *
     * <p>An exception of category TRANSIENT counts as {@link Outcome.Retry}, any other as {@link
     * Outcome.Reject}.
     *
     * @throws InterruptedException when the intake is closed and the drain limit has passed; the
     *     work is then delivered again elsewhere
     */
    Outcome handle(EventEnvelope<?> event, Delivery delivery) throws InterruptedException;
}
