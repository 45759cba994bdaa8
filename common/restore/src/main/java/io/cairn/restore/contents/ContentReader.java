package io.cairn.restore.contents;

import io.cairn.model.StoreName;
import io.cairn.model.backup.Volume;
import io.cairn.model.error.CairnException;
import io.cairn.model.error.ErrorCategory;
import io.cairn.model.error.ErrorCode;
import io.cairn.storage.ObjectContent;
import io.cairn.storage.ObjectStore;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Reads all volumes of a backup, several at once: fetched, checked, decrypted, inflated and walked.
 * Volumes are begun in the order of the streams, so whoever waits for the volume before waits for
 * one that has begun. Thread-safe.
 */
public final class ContentReader {

    /**
     * Tries at a volume whose transfer broke off; each connection is retried by the store as well.
     */
    private static final int ATTEMPTS = 3;

    private final List<ObjectStore> copies;
    private final ReadSettings settings;
    private final Consumer<PassedOver> passedOver;

    /** Reads one copy, and nothing else. */
    public ContentReader(ObjectStore store, ReadSettings settings) {
        this(List.of(store), settings, _ -> {});
    }

    /**
     * Reads each volume from the first copy that has it as it was written.
     *
     * @param copies stores in the order in which they are asked, at least one
     * @param passedOver is told, by several threads, what a copy lacked that another had
     */
    public ContentReader(
            List<ObjectStore> copies, ReadSettings settings, Consumer<PassedOver> passedOver) {
        this.copies = List.copyOf(copies);
        this.settings = settings;
        this.passedOver = passedOver;
        if (copies.isEmpty()) {
            throw new IllegalArgumentException("a backup is read from one store at least");
        }
    }

    /** A part that was not read from {@code store}, since the next copy was asked. */
    public record PassedOver(StoreName store, PartFailure failure) {}

    /** Makes the visitor of one volume; called by the thread that reads it. */
    @FunctionalInterface
    public interface Visitors {
        ContentVisitor of(ArchiveMap archive, Volume volume);

        /** Whether a volume is read at all. What lies in it is not checked otherwise. */
        default boolean wants(ArchiveMap archive, Volume volume) {
            return true;
        }
    }

    /**
     * Reads everything, or up to the first failure.
     *
     * @return what failed
     * @throws InterruptedException if the calling thread was interrupted; no thread works any more
     */
    public Optional<PartFailure> read(BackupContents contents, Visitors visitors)
            throws InterruptedException {
        AtomicReference<@Nullable PartFailure> failure = new AtomicReference<>();
        // Closed in the opposite order: the decoders' native memory is freed when no thread works
        // any more.
        try (Decoders decoders = new Decoders(settings.codec(), contents.key());
                ExecutorService threads =
                        Executors.newFixedThreadPool(
                                settings.threadsFor(contents.commit()),
                                Thread.ofPlatform().name("cairn-read-", 0).daemon().factory())) {
            // A failure closes the queue, so all volumes have to be in it before the first is read.
            CountDownLatch queued = new CountDownLatch(1);
            List<Future<?>> volumes = new ArrayList<>();
            for (ArchiveMap archive : contents.archives()) {
                ArchiveWalk walk = new ArchiveWalk(archive);
                for (Volume volume : archive.archive().volumes()) {
                    if (!visitors.wants(archive, volume)) {
                        continue;
                    }
                    volumes.add(
                            threads.submit(() -> {
                                queued.await();
                                try (ContentVisitor visitor = visitors.of(archive, volume)) {
                                    read(volume, walk, visitor, decoders);
                                } catch (CairnException e) {
                                    if (failure.compareAndSet(
                                            null, new PartFailure(volume.object().key(), e))) {
                                        threads.shutdownNow();
                                    }
                                }
                                return null;
                            }));
                }
            }
            queued.countDown();
            await(volumes, failure, threads);
        }
        return Optional.ofNullable(failure.get());
    }

    private static void await(
            List<Future<?>> volumes,
            AtomicReference<@Nullable PartFailure> failure,
            ExecutorService threads)
            throws InterruptedException {
        try {
            for (Future<?> volume : volumes) {
                if (failure.get() != null) {
                    return;
                }
                volume.get();
            }
        } catch (ExecutionException e) {
            if (failure.get() != null) {
                // It was waiting when the failure of another ended it.
                return;
            }
            throw e.getCause() instanceof RuntimeException bug
                    ? bug
                    : new IllegalStateException(e.getCause());
        } finally {
            threads.shutdownNow();
        }
    }

    private void read(Volume volume, ArchiveWalk walk, ContentVisitor visitor, Decoders decoders) {
        ArchiveWalk.Volume along =
                walk.volume(volume.offset(), volume.object().key().value(), visitor);
        boolean[] begun = new boolean[1];
        Optional<CairnException> archived = Optional.empty();
        for (int copy = 0; copy < copies.size(); copy++) {
            ObjectStore store = copies.get(copy);
            try {
                read(store, volume, along, begun, decoders);
                return;
            } catch (CairnException e) {
                if (e.code() == ErrorCode.STORE_OBJECT_ARCHIVED) {
                    archived = archived.or(() -> Optional.of(e));
                }
                if (begun[0]) {
                    throw e;
                }
                if (copy == copies.size() - 1) {
                    // That copy can be thawed; what another lacks does not matter then.
                    throw archived.orElse(e);
                }
                passedOver.accept(
                        new PassedOver(store.name(), new PartFailure(volume.object().key(), e)));
            }
        }
    }

    /**
     * @param begun becomes true with the first byte that is handed on
     */
    private static void read(
            ObjectStore store,
            Volume volume,
            ArchiveWalk.Volume along,
            boolean[] begun,
            Decoders decoders) {
        for (int attempt = 1; ; attempt++) {
            try (ObjectContent content = store.get(volume.object().key())) {
                decoders.mine()
                        .decode(
                                content.stream(),
                                volume,
                                (bytes, offset, length) -> {
                                    begun[0] = true;
                                    along.write(bytes, offset, length);
                                });
                along.end(volume.end());
                return;
            } catch (CairnException e) {
                // Nothing is handed on before the whole object is known to be right: until then it
                // can be read again.
                if (begun[0] || attempt == ATTEMPTS || e.category() != ErrorCategory.TRANSIENT) {
                    throw e;
                }
            } catch (IOException e) {
                // From a visitor that waited for another thread: everything has been told to end.
                throw new CairnException(
                        ErrorCode.RUN_DRAINED,
                        "interrupted while reading " + volume.object().key(),
                        "run it again",
                        e);
            }
        }
    }
}
