package io.cairn.replication.copy;

import io.cairn.model.StoreName;
import io.cairn.model.backup.StoredObject;
import io.cairn.model.error.CairnException;
import io.cairn.storage.ObjectStore;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/**
 * The parts of one backup, some at a time. The first that cannot be copied ends it, after those
 * that are under way.
 */
final class PartCopies {

    private final ObjectCopies copies;
    private final ObjectStore source;
    private final int parallel;
    private final AtomicInteger next = new AtomicInteger();
    private final LongAdder bytes = new LongAdder();
    private final AtomicReference<BackupCopy.@Nullable Refused> refusal = new AtomicReference<>();
    private volatile boolean failed;

    /**
     * @param bytes what had to be moved
     * @param refusal the first part that is missing or wrong, if one is
     */
    record Result(long bytes, Optional<BackupCopy.Refused> refusal) {}

    PartCopies(ObjectCopies copies, ObjectStore source, int parallel) {
        this.copies = copies;
        this.source = source;
        this.parallel = parallel;
    }

    Result copyAll(List<StoredObject> parts) throws InterruptedException {
        List<Future<?>> workers = new ArrayList<>();
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int i = 0; i < Math.min(parallel, parts.size()); i++) {
                workers.add(
                        threads.submit(() -> {
                            work(parts);
                            return null;
                        }));
            }
            for (Future<?> worker : workers) {
                await(worker, threads);
            }
        }
        return new Result(bytes.sum(), Optional.ofNullable(refusal.get()));
    }

    private void work(List<StoredObject> parts) throws InterruptedException {
        try {
            int index = next.getAndIncrement();
            while (index < parts.size() && !failed) {
                copy(parts.get(index));
                index = next.getAndIncrement();
            }
        } catch (Throwable e) {
            failed = true;
            throw e;
        }
    }

    private void copy(StoredObject part) throws InterruptedException {
        switch (copies.copy(part, source)) {
            case CopyOutcome.Copied copied -> bytes.add(copied.bytes());
            case CopyOutcome.Present _ -> {}
            case CopyOutcome.Missing missing -> refuse(source.name(), part, missing.why());
            case CopyOutcome.SourceDamaged damaged -> refuse(source.name(), part, damaged.why());
            case CopyOutcome.TargetDiffers differs ->
                    refuse(copies.target().name(), part, differs.why());
        }
    }

    private void refuse(StoreName store, StoredObject part, CairnException why) {
        refusal.compareAndSet(
                null, new BackupCopy.Refused(store, part.key(), Optional.empty(), why));
        failed = true;
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
