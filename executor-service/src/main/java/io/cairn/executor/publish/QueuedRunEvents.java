package io.cairn.executor.publish;

import io.cairn.events.BackupProgressed;
import io.cairn.events.CairnEvent;
import io.cairn.model.error.CairnException;
import io.cairn.model.error.ErrorCategory;
import io.cairn.model.error.ErrorCode;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The events of one run on their way to the broker: a bounded queue that a thread of its own
 * empties in order. While the broker is away the first one is tried again and again, the rest
 * waits, and what finds the queue full is dropped and counted: ObjectStored, which replication
 * makes up for from the commit object, and BackupStarted, BackupProgressed and the BackupFailed of
 * an attempt that is tried again, which the run's last event overtakes.
 *
 * <p>{@link #close()} publishes nothing: what still waits then is dropped.
 */
public final class QueuedRunEvents implements RunEvents, AutoCloseable {

    private final EventSink sink;
    private final Limits limits;
    private final LinkedBlockingQueue<Waiting> queue;
    private final AtomicBoolean progressWaits = new AtomicBoolean();
    private final AtomicLong dropped = new AtomicLong();
    private final Thread publisher;
    private volatile boolean closed;

    /**
     * @param waiting most facts that wait for the broker, default 1024 (about 1 MiB)
     * @param pauseMin after the first refusal; doubles up to {@code pauseMax}
     * @param publishTimeout how long {@link #publish} waits for the acknowledgement, default 10 min
     */
    public record Limits(
            int waiting, Duration pauseMin, Duration pauseMax, Duration publishTimeout) {

        public static final Limits DEFAULT =
                new Limits(
                        1024,
                        Duration.ofMillis(200),
                        Duration.ofSeconds(5),
                        Duration.ofMinutes(10));

        public Limits {
            if (waiting < 1
                    || !pauseMin.isPositive()
                    || pauseMax.compareTo(pauseMin) < 0
                    || !publishTimeout.isPositive()) {
                throw new IllegalArgumentException("limits of a run's events must be positive");
            }
        }

        public Limits withPublishTimeout(Duration timeout) {
            return new Limits(waiting, pauseMin, pauseMax, timeout);
        }
    }

    /** A fact in the queue, and who waits for its acknowledgement. */
    private record Waiting(CairnEvent fact, CompletableFuture<Void> acknowledged) {}

    public QueuedRunEvents(String run, EventSink sink, Limits limits) {
        this.sink = sink;
        this.limits = limits;
        this.queue = new LinkedBlockingQueue<>(limits.waiting());
        this.publisher = Thread.ofVirtual().name("events of " + run).start(this::publishAll);
    }

    @Override
    public void tell(CairnEvent fact) {
        boolean progress = fact instanceof BackupProgressed;
        if (progress && !progressWaits.compareAndSet(false, true)) {
            return;
        }
        if (closed || !queue.offer(new Waiting(fact, new CompletableFuture<>()))) {
            dropped.incrementAndGet();
            if (progress) {
                progressWaits.set(false);
            }
        }
    }

    @Override
    public void publish(CairnEvent fact) throws InterruptedException {
        Waiting waiting = new Waiting(fact, new CompletableFuture<>());
        long deadline = System.nanoTime() + limits.publishTimeout().toNanos();
        try {
            if (!queue.offer(waiting, limits.publishTimeout().toNanos(), TimeUnit.NANOSECONDS)) {
                throw new TimeoutException();
            }
            waiting.acknowledged().get(deadline - System.nanoTime(), TimeUnit.NANOSECONDS);
        } catch (TimeoutException e) {
            throw new CairnException(
                    ErrorCode.BROKER_UNREACHABLE,
                    "no broker took "
                            + fact.type()
                            + " "
                            + fact.deterministicId()
                            + " within "
                            + limits.publishTimeout().toSeconds()
                            + " s",
                    "check that the Kafka broker runs; the event is published when the run is delivered again",
                    e);
        } catch (ExecutionException e) {
            throw e.getCause() instanceof CairnException refused
                    ? refused
                    : CairnException.bug(
                            fact.type()
                                    + " "
                                    + fact.deterministicId()
                                    + " cannot be published: "
                                    + e.getCause());
        }
    }

    /** How many facts were told in vain. */
    public long dropped() {
        return dropped.get();
    }

    private void publishAll() {
        try {
            while (!closed) {
                Waiting next = queue.take();
                publish(next);
                if (next.fact() instanceof BackupProgressed) {
                    progressWaits.set(false);
                }
            }
        } catch (InterruptedException e) {
            // close(): nobody waits any more
            closed = true;
        }
    }

    /**
     * Tries until the broker has it; what can never be published is the publisher's error, if
     * somebody waits for it.
     */
    private void publish(Waiting waiting) throws InterruptedException {
        Duration pause = limits.pauseMin();
        while (true) {
            try {
                sink.publish(waiting.fact());
                waiting.acknowledged().complete(null);
                return;
            } catch (CairnException e) {
                if (e.category() != ErrorCategory.TRANSIENT) {
                    give(waiting, e);
                    return;
                }
            } catch (RuntimeException e) {
                give(waiting, e);
                return;
            }
            Thread.sleep(pause);
            pause = shorter(pause.multipliedBy(2), limits.pauseMax());
        }
    }

    private void give(Waiting waiting, RuntimeException failure) {
        dropped.incrementAndGet();
        waiting.acknowledged().completeExceptionally(failure);
    }

    private static Duration shorter(Duration a, Duration b) {
        return a.compareTo(b) < 0 ? a : b;
    }

    @Override
    public void close() {
        closed = true;
        publisher.interrupt();
        dropped.addAndGet(queue.size());
    }
}
