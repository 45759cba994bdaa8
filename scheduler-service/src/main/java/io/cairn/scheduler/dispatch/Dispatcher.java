package io.cairn.scheduler.dispatch;

import io.cairn.model.error.CairnException;
import io.cairn.model.error.ErrorCategory;
import io.cairn.scheduler.firing.CursorStart;
import io.cairn.scheduler.firing.Decision;
import io.cairn.scheduler.firing.Incoming;
import io.cairn.scheduler.firing.Ledger;
import io.cairn.scheduler.firing.Scheduler;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jboss.logging.Logger;

/**
 * The scheduler's one loop: read requests, look at the clock, decide, commit. One thread owns the
 * log, the ledger and the decision, so nothing can happen between them.
 *
 * <p>A broker that is away is waited for, with growing pauses; nothing is lost, since the cursor
 * stands still. Every other error ends the loop, and the process with it.
 */
public final class Dispatcher implements Runnable, AutoCloseable {

    private static final Logger LOG = Logger.getLogger(Dispatcher.class);
    private static final Duration PAUSE_MIN = Duration.ofMillis(250);
    private static final Duration PAUSE_MAX = Duration.ofSeconds(15);

    private final Scheduler scheduler;
    private final ScheduleLog log;
    private final InstantSource clock;
    private final CursorStart start;
    private final Duration tick;
    private final DispatchObserver observer;
    private final CountDownLatch stop = new CountDownLatch(1);
    private Duration pause = PAUSE_MIN;

    /**
     * @param start where the cursor stands at the first {@link ScheduleLog#open()}
     * @param tick how long a look at the requests waits, and so how late a due time may be
     *     published
     */
    public Dispatcher(
            Scheduler scheduler,
            ScheduleLog log,
            InstantSource clock,
            CursorStart start,
            Duration tick,
            DispatchObserver observer) {
        this.scheduler = scheduler;
        this.log = log;
        this.clock = clock;
        this.start = start;
        this.tick = tick;
        this.observer = observer;
    }

    /**
     * Runs until {@link #close()}.
     *
     * @throws CairnException when another instance has taken over, and for whatever waiting cannot
     *     cure
     */
    @Override
    public void run() {
        try (log) {
            while (isWanted()) {
                try {
                    serve(log.open());
                } catch (CairnException e) {
                    waitOut(e);
                }
            }
        }
    }

    private void serve(Ledger ledger) {
        commit(ledger, scheduler.begin(ledger, start, clock.instant()));
        observer.opened(ledger);
        while (isWanted()) {
            try {
                turn(ledger);
                pause = PAUSE_MIN;
            } catch (CairnException e) {
                waitOut(e);
            }
        }
    }

    private void turn(Ledger ledger) {
        List<Incoming> incoming = log.poll(tick);
        Instant now = clock.instant();
        Decision decision = scheduler.decide(ledger, incoming, now);
        if (!incoming.isEmpty() || !decision.isEmpty()) {
            commit(ledger, decision);
        }
        observer.ticked(now, Scheduler.clockBehind(ledger, now));
    }

    private void commit(Ledger ledger, Decision decision) {
        log.commit(decision);
        decision.records().forEach(ledger::apply);
        observer.committed(decision);
    }

    private void waitOut(CairnException e) {
        if (e.category() != ErrorCategory.TRANSIENT) {
            throw e;
        }
        if (!isWanted()) {
            return;
        }
        LOG.warnf("%s; trying again in %d ms", e.messageWithHint(), pause.toMillis());
        observer.failed(e);
        try {
            stop.await(pause.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            stop.countDown();
        }
        pause = pause.multipliedBy(2).compareTo(PAUSE_MAX) < 0 ? pause.multipliedBy(2) : PAUSE_MAX;
    }

    private boolean isWanted() {
        return stop.getCount() > 0;
    }

    /** Asks the loop to end after its turn; does not wait. */
    @Override
    public void close() {
        stop.countDown();
    }
}
