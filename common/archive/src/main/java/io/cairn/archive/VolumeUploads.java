package io.cairn.archive;

import io.cairn.archive.cms.CmsSealer;
import io.cairn.model.ObjectKey;
import io.cairn.model.backup.StoredObject;
import io.cairn.model.error.CairnException;
import io.cairn.model.error.ErrorCode;
import java.nio.ByteBuffer;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;

/** Hands finished volumes to the sink, several at once, each on a virtual thread. */
final class VolumeUploads {

    private final VolumeSink sink;
    private final Pool<CmsSealer> buffers;
    private final Semaphore inFlight;
    private final Consumer<Throwable> failed;
    private final AtomicLong bytesStored = new AtomicLong();
    private final ExecutorService threads =
            Executors.newThreadPerTaskExecutor(
                    Thread.ofVirtual().name("cairn-upload-", 0).factory());

    /**
     * @param buffers where a volume's buffer goes back to when it is stored
     */
    VolumeUploads(
            VolumeSink sink,
            Pool<CmsSealer> buffers,
            int volumesInFlight,
            Consumer<Throwable> failed) {
        this.sink = sink;
        this.buffers = buffers;
        // Fair: volumes are stored about in their order, which is the order in which they will be
        // read.
        this.inFlight = new Semaphore(volumesInFlight, true);
        this.failed = failed;
    }

    /**
     * @param content in the buffer
     * @param done is run when the volume is stored and the buffer given back
     */
    void upload(
            ObjectKey key,
            CmsSealer buffer,
            ByteBuffer content,
            ArchiveInProgress.VolumeInProgress volume,
            Runnable done) {
        threads.execute(() -> {
            try {
                inFlight.acquire();
                try {
                    StoredObject stored = stored(sink, SealedObject.of(key, content));
                    volume.storedAs(stored);
                    bytesStored.addAndGet(stored.length());
                } finally {
                    inFlight.release();
                }
                buffers.give(buffer);
                done.run();
            } catch (InterruptedException | RuntimeException | Error e) {
                failed.accept(e);
            }
        });
    }

    /** Stores one object on the calling thread, and checks the sink's word. */
    static StoredObject stored(VolumeSink sink, SealedObject object) {
        StoredObject expected = object.stored();
        StoredObject stored = sink.store(object);
        if (!stored.equals(expected)) {
            throw new CairnException(
                    ErrorCode.STORE_OBJECT_DIFFERS,
                    "the store says it holds " + stored + " where " + expected + " was written",
                    "check the object store; the backup was stopped and will be taken again");
        }
        return stored;
    }

    long bytesStored() {
        return bytesStored.get();
    }

    /** Interrupts what is on its way. */
    void stop() {
        threads.shutdownNow();
    }

    /** Waits for interrupted uploads to end; returns whether they all did. */
    boolean awaitEnd(long seconds) throws InterruptedException {
        return threads.awaitTermination(seconds, TimeUnit.SECONDS);
    }
}
