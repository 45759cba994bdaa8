package io.cairn.scheduler.dispatch;

import io.cairn.model.error.CairnException;
import io.cairn.model.error.ErrorCode;
import io.cairn.scheduler.firing.Decision;
import io.cairn.scheduler.firing.Incoming;
import io.cairn.scheduler.firing.Ledger;
import java.time.Duration;
import java.util.List;

/**
 * Where the scheduler reads requests, publishes and remembers. One instance of a deployment can
 * commit: the one that opened last. Owned by one thread, except for {@link #close()}.
 */
public interface ScheduleLog extends AutoCloseable {

    /**
     * Shuts every other instance out and reads back what was committed. What an earlier instance
     * had not committed never happened.
     *
     * @throws CairnException {@link ErrorCode#BROKER_UNREACHABLE}; may be called again
     */
    Ledger open();

    /**
     * Requests that no commit has covered yet, in order; each is returned once, and again after a
     * failed commit.
     *
     * @param timeout how long to wait for the first
     * @throws CairnException {@link ErrorCode#BROKER_UNREACHABLE}
     */
    List<Incoming> poll(Duration timeout);

    /**
     * Makes all of the decision true, and the polled requests answered, or none of it. Waits as
     * long as the broker does not say which.
     *
     * @throws CairnException {@link ErrorCode#BROKER_UNREACHABLE} if none of it became true; poll
     *     and decide again. {@link ErrorCode#SCHEDULER_FENCED} if another instance has opened: end.
     */
    void commit(Decision decision);

    /** Gives up what is not committed. */
    @Override
    void close();
}
