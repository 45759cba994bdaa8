package io.cairn.scheduler.dispatch;

import io.cairn.model.error.CairnException;
import io.cairn.scheduler.firing.Decision;
import io.cairn.scheduler.firing.Ledger;
import java.time.Duration;
import java.time.Instant;

/** Is told what the loop does: for health, metrics and the log. Called by the loop's thread. */
public interface DispatchObserver {

    /** The log is open and the loop begins. */
    default void opened(Ledger ledger) {}

    /** A decision became true. */
    default void committed(Decision decision) {}

    /**
     * A turn ended well.
     *
     * @param clockBehind by how much the clock is behind what was already considered
     */
    default void ticked(Instant now, Duration clockBehind) {}

    /** A turn failed and will be tried again. */
    default void failed(CairnException why) {}
}
