package io.cairn.restore.drill;

import io.cairn.model.error.CairnException;
import io.cairn.model.error.ErrorCode;
import java.time.Duration;

/** Ends something when its time is up. */
final class Deadline implements AutoCloseable {

    private final Thread watch;
    private final Duration after;
    private volatile boolean passed;

    private Deadline(Duration after, Runnable end) {
        this.after = after;
        this.watch =
                Thread.ofVirtual()
                        .name("cairn-drill-deadline")
                        .unstarted(() -> {
                            try {
                                Thread.sleep(after);
                                passed = true;
                                end.run();
                            } catch (InterruptedException e) {
                                // In time.
                            }
                        });
    }

    static Deadline in(Duration after, Runnable end) {
        Deadline deadline = new Deadline(after.isPositive() ? after : Duration.ZERO, end);
        deadline.watch.start();
        return deadline;
    }

    /**
     * @throws CairnException {@link ErrorCode#RUN_DEADLINE_PASSED}
     */
    void requireNotPassed() {
        if (passed) {
            throw new CairnException(
                    ErrorCode.RUN_DEADLINE_PASSED,
                    "the drill was ended, it still read after " + after.toSeconds() + " s",
                    "raise the drill's limit, or drill on a faster machine");
        }
    }

    @Override
    public void close() {
        watch.interrupt();
    }
}
