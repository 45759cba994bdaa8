package io.cairn.replication.copy;

import io.cairn.model.error.CairnException;
import io.cairn.model.error.ErrorCategory;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.jboss.logging.Logger;

/**
 * Tries until a store can be used again, with growing pauses and without an end: what is to be
 * copied stays to be copied, and the lag grows and alerts meanwhile. Only what concerns a store's
 * reachability or rights is waited for. Immutable.
 *
 * @param first pause before the second try
 * @param longest pauses double up to here
 */
public record Patience(Duration first, Duration longest) {

    private static final Logger LOG = Logger.getLogger(Patience.class);

    /** Work that may fail because a store cannot be used now. */
    @FunctionalInterface
    public interface Work<T> {

        /**
         * @throws CairnException a {@code STORE_…} code
         */
        T run() throws InterruptedException;
    }

    /**
     * @param what names the work in the log
     * @throws CairnException what waiting cannot cure
     */
    public <T> T untilDone(String what, Work<T> work) throws InterruptedException {
        return untilDone(what, work, work);
    }

    /**
     * @param again what is done instead after a pause
     */
    public <T> T untilDone(String what, Work<T> work, Work<T> again) throws InterruptedException {
        Work<T> next = work;
        Duration pause = first;
        String told = "";
        while (true) {
            try {
                return next.run();
            } catch (CairnException e) {
                if (!mayPass(e)) {
                    throw e;
                }
                if (Thread.interrupted()) {
                    throw new InterruptedException();
                }
                // Of a long wait the lag tells; the log would be full of it.
                String line = pause + ": " + e.code();
                if (!line.equals(told)) {
                    LOG.warnf(
                            "%s has to wait %d s: %s: %s",
                            what, pause.toSeconds(), e.code(), e.messageWithHint());
                    told = line;
                }
                next = again;
                TimeUnit.NANOSECONDS.sleep(pause.toNanos());
                pause =
                        pause.multipliedBy(2).compareTo(longest) < 0
                                ? pause.multipliedBy(2)
                                : longest;
            }
        }
    }

    /**
     * A bucket or a right that is missing is waited for like a store that is away: somebody will
     * see the lag and act.
     */
    public static boolean mayPass(CairnException e) {
        return switch (e.code()) {
            case STORE_BUCKET_MISSING, STORE_ACCESS_DENIED, STORE_ERROR -> true;
            default -> e.category() == ErrorCategory.TRANSIENT;
        };
    }
}
