package io.cairn.catalog.rebuild;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Function;

/**
 * Blocking calls side by side on virtual threads.
 *
 * @param limit at once, 1 to 256
 */
public record Parallel(int limit) {

    public Parallel {
        if (limit < 1 || limit > 256) {
            throw new IllegalArgumentException("limit must be 1 to 256");
        }
    }

    /**
     * The results in the order of {@code items}. The first failure ends the rest and is thrown as
     * it was.
     */
    public <T, R> List<R> map(List<T> items, Function<T, R> call) {
        ExecutorService threads = Executors.newFixedThreadPool(limit, Thread.ofVirtual().factory());
        try {
            List<Future<R>> calls =
                    items.stream().map(item -> threads.submit(() -> call.apply(item))).toList();
            List<R> results = new ArrayList<>();
            for (Future<R> one : calls) {
                results.add(one.get());
            }
            return results;
        } catch (ExecutionException e) {
            if (e.getCause() instanceof RuntimeException failure) {
                throw failure;
            }
            throw new IllegalStateException(e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", e);
        } finally {
            threads.shutdownNow();
        }
    }
}
