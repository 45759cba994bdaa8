package io.cairn.executor.wal;

import io.cairn.model.error.CairnException;
import java.time.Duration;
import java.util.List;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * What is done every now and then while a stream is held, until {@link #close()}. What fails is
 * tried again in the next round; the same failure again and again is one line in the log.
 */
final class Upkeep implements AutoCloseable {

    private static final Logger LOG = Logger.getLogger(Upkeep.class);

    private final String name;
    private final Duration every;
    private final List<Runnable> tasks;
    private final Thread thread;
    private volatile boolean closed;
    private String lastFailure = "";

    Upkeep(String name, Duration every, List<Runnable> tasks) {
        this.name = name;
        this.every = every;
        this.tasks = List.copyOf(tasks);
        this.thread = Thread.ofVirtual().name(name).start(this::rounds);
    }

    private void rounds() {
        try {
            while (!closed) {
                Thread.sleep(every);
                tasks.forEach(this::run);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void run(Runnable task) {
        try {
            task.run();
        } catch (CairnException e) {
            log(e.code() + ": " + e.messageWithHint(), null);
        } catch (RuntimeException e) {
            log(e.toString(), e);
        }
    }

    private void log(String failure, @Nullable RuntimeException cause) {
        if (!closed && !failure.equals(lastFailure)) {
            lastFailure = failure;
            LOG.warnf(cause, "%s: %s", name, failure);
        }
    }

    @Override
    public void close() {
        closed = true;
        thread.interrupt();
    }
}
