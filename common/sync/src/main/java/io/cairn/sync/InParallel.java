package io.cairn.sync;

import io.cairn.model.error.CairnException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Does something with each of several items, some at a time, and ends with the first that fails.
 *
 * @param threads 1 or more
 */
record InParallel(int threads) {

    interface Work<T> {
        void on(T item) throws InterruptedException;
    }

    /**
     * @throws CairnException what an item's work threw
     */
    <T> void each(List<T> items, Work<T> work) throws InterruptedException {
        if (threads == 1 || items.size() < 2) {
            for (T item : items) {
                work.on(item);
            }
            return;
        }
        AtomicInteger next = new AtomicInteger();
        List<Future<?>> workers = new ArrayList<>();
        try (ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int number = 0; number < Math.min(threads, items.size()); number++) {
                workers.add(
                        executor.submit(() -> {
                            drain(items, next, work);
                            return null;
                        }));
            }
            for (Future<?> worker : workers) {
                await(worker, executor);
            }
        }
    }

    private static <T> void drain(List<T> items, AtomicInteger next, Work<T> work)
            throws InterruptedException {
        try {
            int index = next.getAndIncrement();
            while (index < items.size()) {
                work.on(items.get(index));
                index = next.getAndIncrement();
            }
        } catch (Throwable e) {
            next.set(items.size());
            throw e;
        }
    }

    private static void await(Future<?> worker, ExecutorService executor)
            throws InterruptedException {
        try {
            worker.get();
        } catch (InterruptedException e) {
            executor.shutdownNow();
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
