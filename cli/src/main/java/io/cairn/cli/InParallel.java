package io.cairn.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Function;

/** Does the same with several things at once. */
final class InParallel {

    private InParallel() {}

    /**
     * Returns what comes of each, in their order. If some fail, the first of them is thrown, and
     * what has not been done is given up.
     *
     * @param threads how many at once
     */
    static <A, T> List<T> all(int threads, List<A> each, Function<A, T> task)
            throws InterruptedException {
        ExecutorService pool =
                Executors.newFixedThreadPool(threads, Thread.ofPlatform().daemon().factory());
        try {
            List<Future<T>> pending = new ArrayList<>();
            for (A one : each) {
                pending.add(pool.submit(() -> task.apply(one)));
            }
            List<T> results = new ArrayList<>();
            for (Future<T> one : pending) {
                results.add(one.get());
            }
            return results;
        } catch (ExecutionException e) {
            throw e.getCause() instanceof RuntimeException cause
                    ? cause
                    : new IllegalStateException(e.getCause());
        } finally {
            pool.shutdownNow();
        }
    }
}
