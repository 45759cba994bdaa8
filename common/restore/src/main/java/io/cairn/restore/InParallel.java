package io.cairn.restore;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Function;

/** Does the same with several things at once. */
public final class InParallel {

    private InParallel() {}

    /**
     * What comes of each, in their order. The first failure is thrown; what has not been begun is
     * left, and what has been is waited for.
     *
     * @param threads how many at once
     */
    public static <A, T> List<T> all(int threads, List<A> each, Function<A, T> task)
            throws InterruptedException {
        ExecutorService pool = Executors.newFixedThreadPool(threads, Thread.ofVirtual().factory());
        try {
            List<Future<T>> pending = new ArrayList<>();
            each.forEach(one -> pending.add(pool.submit(() -> task.apply(one))));
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
            // Nothing of a failed round may still be written when the next one begins.
            pool.close();
        }
    }
}
