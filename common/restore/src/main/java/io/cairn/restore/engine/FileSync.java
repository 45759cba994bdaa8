package io.cairn.restore.engine;

import io.cairn.model.error.CairnException;
import io.cairn.restore.target.TargetErrors;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * Makes written files durable beside the writing, so that the disk works while the processors
 * decode. Holds at most {@value #PENDING} open files; whoever brings more waits. Thread-safe.
 */
final class FileSync implements AutoCloseable {

    private static final int PENDING = 256;

    private final ExecutorService threads;
    private final Semaphore pending = new Semaphore(PENDING);
    private final AtomicReference<@Nullable CairnException> failure = new AtomicReference<>();

    FileSync(int syncThreads) {
        threads =
                Executors.newFixedThreadPool(
                        syncThreads, Thread.ofPlatform().name("cairn-sync-", 0).daemon().factory());
    }

    /** Takes the channel over: syncs and closes it. */
    void add(FileChannel channel, Path file) {
        pending.acquireUninterruptibly();
        threads.execute(() -> {
            try (channel) {
                channel.force(true);
            } catch (IOException e) {
                failure.compareAndSet(null, TargetErrors.of(file, e));
            } finally {
                pending.release();
            }
        });
    }

    /** Waits until all files that were added are durable. */
    void await() throws InterruptedException {
        pending.acquire(PENDING);
        pending.release(PENDING);
        CairnException failed = failure.get();
        if (failed != null) {
            throw failed;
        }
    }

    @Override
    public void close() {
        threads.shutdown();
        threads.close();
    }
}
