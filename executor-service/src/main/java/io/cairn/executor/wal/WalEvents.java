package io.cairn.executor.wal;

import io.cairn.events.CairnEvent;
import io.cairn.events.WalArchived;
import io.cairn.executor.publish.EventSink;
import io.cairn.model.ClusterName;
import io.cairn.model.error.CairnException;
import io.cairn.model.error.ErrorCategory;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.SequencedMap;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jboss.logging.Logger;

/**
 * What streams tell, on its way to the broker. Telling never waits: while the broker is away, of
 * {@link WalArchived} only the newest of each cluster is kept, which says all that those before
 * said; of the others, {@value #WAITING} wait, and what comes then is dropped, counted and written
 * to the log. A gap or a switch of timelines can be seen in the store as well.
 *
 * <p>{@link #close()} publishes nothing.
 */
final class WalEvents implements AutoCloseable {

    static final int WAITING = 256;

    private static final Logger LOG = Logger.getLogger(WalEvents.class);
    private static final Duration PAUSE_MAX = Duration.ofSeconds(5);

    private final EventSink sink;
    private final Duration pauseMin;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition told = lock.newCondition();
    private final Deque<CairnEvent> waiting = new ArrayDeque<>();
    private final SequencedMap<ClusterName, WalArchived> archived = new LinkedHashMap<>();
    private final Thread publisher;
    private long dropped;

    WalEvents(EventSink sink, Duration pauseMin) {
        this.sink = sink;
        this.pauseMin = pauseMin;
        this.publisher = Thread.ofVirtual().name("wal events").start(this::publishAll);
    }

    void tell(CairnEvent fact) {
        lock.lock();
        try {
            if (fact instanceof WalArchived newest) {
                archived.put(newest.cluster(), newest);
            } else if (waiting.size() == WAITING) {
                dropped++;
                LOG.errorf(
                        "%s %s is not told: %d events wait for the broker already",
                        fact.type(), fact.deterministicId(), WAITING);
            } else {
                waiting.add(fact);
            }
            told.signal();
        } finally {
            lock.unlock();
        }
    }

    long dropped() {
        lock.lock();
        try {
            return dropped;
        } finally {
            lock.unlock();
        }
    }

    private void publishAll() {
        Duration pause = pauseMin;
        try {
            while (true) {
                CairnEvent fact = next();
                if (publish(fact)) {
                    pause = pauseMin;
                } else {
                    giveBack(fact);
                    Thread.sleep(pause);
                    Duration twice = pause.multipliedBy(2);
                    pause = twice.compareTo(PAUSE_MAX) < 0 ? twice : PAUSE_MAX;
                }
            }
        } catch (InterruptedException e) {
            // close(): nobody waits any more.
            Thread.currentThread().interrupt();
        }
    }

    private CairnEvent next() throws InterruptedException {
        lock.lock();
        try {
            while (waiting.isEmpty() && archived.isEmpty()) {
                told.await();
            }
            return waiting.isEmpty() ? archived.pollFirstEntry().getValue() : waiting.removeFirst();
        } finally {
            lock.unlock();
        }
    }

    /** Puts back what the broker did not take, in front of what came later. */
    private void giveBack(CairnEvent fact) {
        lock.lock();
        try {
            if (fact instanceof WalArchived older) {
                archived.putIfAbsent(older.cluster(), older);
            } else {
                waiting.addFirst(fact);
            }
        } finally {
            lock.unlock();
        }
    }

    private boolean publish(CairnEvent fact) {
        try {
            sink.publish(fact);
            return true;
        } catch (CairnException e) {
            if (e.category() == ErrorCategory.TRANSIENT) {
                return false;
            }
            LOG.errorf("%s cannot be published: %s", fact.type(), e.messageWithHint());
            return true;
        } catch (RuntimeException e) {
            LOG.errorf(e, "%s could not be published and is tried again", fact.type());
            return false;
        }
    }

    @Override
    public void close() {
        publisher.interrupt();
    }
}
