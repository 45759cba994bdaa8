package io.cairn.service.intake;

import io.cairn.model.error.CairnException;
import io.cairn.model.error.ErrorCode;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.IntStream;

/**
 * Takes long work from a Kafka share group (KIP-932) and holds each record until the work has
 * ended.
 *
 * <ul>
 *   <li>Members of the group share the records evenly, more members than partitions too; nobody is
 *       blocked behind a long run. A record whose process dies is given to another within a second,
 *       one whose process stands still when its lock has expired.
 *   <li>The lock is renewed while the handler runs, however long that is. Only then is the record
 *       acknowledged.
 *   <li>{@link Outcome.Done} accepts the record. {@link Outcome.Retry} releases it after a pause.
 *       {@link Outcome.Reject}, the delivery limit, an unreadable record and work of an unknown
 *       type put a copy with the reason in its headers on {@code dlq.<topic>} (see {@link
 *       DeadLetters}); only when the broker has that is the record accepted. The broker's own dead
 *       letter queue is set up as well, for records that nobody lives long enough to judge; it can
 *       give no reason.
 * </ul>
 *
 * <p><b>An acknowledgement proves nothing about exclusivity.</b> A broker that is away never ends a
 * running handler, but it forgets the locks: when it is back the record may be delivered again,
 * here or elsewhere, while the first handler still runs, or after it has ended without the
 * acknowledgement arriving. Work must be idempotent and, where two at a time would do harm, fenced
 * elsewhere.
 *
 * <p>Each worker has its own consumer and thread; handlers run on virtual threads. Thread-safe.
 */
public final class ShareGroupIntake implements AutoCloseable {

    /** How long an interrupted handler has to end before its record is released under it. */
    private static final Duration INTERRUPT_GRACE = Duration.ofSeconds(5);

    private final IntakeSettings settings;
    private final DeadLetters deadLetters;
    private final Closing closing = new Closing();
    private final AtomicBoolean closed = new AtomicBoolean();
    private final IntakeCounters counters = new IntakeCounters();
    private final List<IntakeWorker> workers;

    private ShareGroupIntake(IntakeSettings settings, Handler handler) {
        this.settings = settings;
        this.deadLetters = new DeadLetters(settings.clientOf("dead-letters"), settings.group());
        WorkItem.Context context =
                new WorkItem.Context(settings, handler, deadLetters, closing, counters);
        this.workers =
                IntStream.range(0, settings.workers())
                        .mapToObj(number -> new IntakeWorker(number, context))
                        .toList();
    }

    /**
     * Configures the group and begins to take work.
     *
     * @throws CairnException {@link ErrorCode#BROKER_UNREACHABLE}; {@link ErrorCode#CONFIG_INVALID}
     *     if the broker refuses the group's settings
     */
    public static ShareGroupIntake start(IntakeSettings settings, Handler handler) {
        ShareGroup.configure(settings);
        ShareGroupIntake intake = new ShareGroupIntake(settings, handler);
        intake.workers.forEach(IntakeWorker::start);
        return intake;
    }

    /** How many records are worked on now. */
    public int running() {
        return counters.running();
    }

    /** What became of the records since the start. */
    public IntakeCounts counts() {
        return counters.counts();
    }

    /**
     * Why a worker cannot take work now, if one cannot; it tries again by itself. For readiness.
     */
    public Optional<String> failure() {
        return workers.stream().map(IntakeWorker::failure).flatMap(Optional::stream).findFirst();
    }

    public IntakeSettings settings() {
        return settings;
    }

    /**
     * Drains: takes no more work, lets running handlers end up to the drain limit, then interrupts
     * them and releases their records. Blocks until that is done.
     */
    @Override
    public void close() {
        if (!closed.compareAndSet(false, true)) {
            return;
        }
        closing.begin();
        Deadline drained = Deadline.in(settings.drainLimit());
        workers.forEach(worker -> worker.await(drained));
        workers.forEach(IntakeWorker::interruptHandler);
        Deadline interrupted = Deadline.in(INTERRUPT_GRACE);
        workers.forEach(worker -> worker.await(interrupted));
        workers.forEach(IntakeWorker::abandonHandler);
        Deadline ended = Deadline.in(IntakeWorker.CLOSE_LIMIT.multipliedBy(2));
        workers.forEach(worker -> worker.await(ended));
        deadLetters.close();
    }
}
