package io.cairn.storage;

import io.cairn.model.error.CairnException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Works through a list, some items at a time, begun in the list's order. What fails, or says that
 * it is enough, ends it after what is under way. For one use.
 */
public final class InOrder<T> {

    /** What is done with an item. */
    @FunctionalInterface
    public interface Work<T> {

        /**
         * @return whether to go on with further items
         */
        boolean on(T item) throws InterruptedException;
    }

    private final List<T> items;
    private final Work<T> work;
    private final AtomicInteger next = new AtomicInteger();
    private volatile boolean ended;

    private InOrder(List<T> items, Work<T> work) {
        this.items = items;
        this.work = work;
    }

    /**
     * Returns when all is done or ended.
     *
     * @param parallel how many at once, 1 or more
     * @throws CairnException what an item's work threw
     */
    public static <T> void each(List<T> items, int parallel, Work<T> work)
            throws InterruptedException {
        new InOrder<>(items, work).run(parallel);
    }

    private void run(int parallel) throws InterruptedException {
        if (parallel == 1 || items.size() < 2) {
            drain();
            return;
        }
        List<Future<?>> workers = new ArrayList<>();
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int i = 0; i < Math.min(parallel, items.size()); i++) {
                workers.add(
                        threads.submit(() -> {
                            drain();
                            return null;
                        }));
            }
            for (Future<?> worker : workers) {
                await(worker, threads);
            }
        }
    }

    private void drain() throws InterruptedException {
        try {
            int index = next.getAndIncrement();
            while (index < items.size() && !ended) {
                if (!work.on(items.get(index))) {
                    ended = true;
                }
                index = next.getAndIncrement();
            }
        } catch (Throwable e) {
            ended = true;
            throw e;
        }
    }

    private static void await(Future<?> worker, ExecutorService threads)
            throws InterruptedException {
        try {
            worker.get();
        } catch (InterruptedException e) {
            threads.shutdownNow();
            throw e;
        } catch (ExecutionException e) {
            switch (e.getCause()) {
                case CairnException cause -> throw cause;
                case InterruptedException cause -> throw cause;
                case RuntimeException cause -> throw cause;
                case Error cause -> throw cause;
                case null, default -> throw new IllegalStateException(e);
            }
        }
    }
}
