package io.cairn.restore.wal;

import io.cairn.model.error.CairnException;
import io.cairn.model.error.ErrorCode;
import io.cairn.restore.wal.WalPath.Part;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Consumer;

/**
 * Reads the parts of one segment, several at once: the segment in progress of a synchronous stream
 * may be thousands of small pieces, and a store takes its time for each.
 */
final class PartsInParallel {

    /** Together they are hardly more than the segment, however many there are. */
    static final int AT_ONCE = 16;

    private PartsInParallel() {}

    /**
     * @param read may be called by several threads at once
     * @throws CairnException the first part's, in their order, that could not be read
     */
    static void read(List<Part> parts, Consumer<Part> read) {
        if (parts.size() < 2) {
            parts.forEach(read);
            return;
        }
        List<Callable<Void>> reads =
                parts.stream()
                        .map(part ->
                                (Callable<Void>)
                                        () -> {
                                            read.accept(part);
                                            return null;
                                        })
                        .toList();
        try (ExecutorService threads =
                Executors.newFixedThreadPool(
                        Math.min(AT_ONCE, parts.size()), Thread.ofVirtual().factory())) {
            for (Future<Void> done : threads.invokeAll(reads)) {
                done.get();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CairnException(
                    ErrorCode.RUN_DRAINED, "interrupted while reading WAL", "run it again", e);
        } catch (ExecutionException e) {
            throw e.getCause() instanceof CairnException known
                    ? known
                    : new IllegalStateException(e.getCause());
        }
    }
}
