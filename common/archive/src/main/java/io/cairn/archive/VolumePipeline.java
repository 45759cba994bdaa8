package io.cairn.archive;

import io.cairn.archive.cms.CmsSealer;
import io.cairn.archive.key.BackupKey;
import io.cairn.model.backup.Archive;
import io.cairn.model.error.CairnException;
import io.cairn.model.error.ErrorCode;
import java.lang.foreign.Arena;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Bytes in, stored volumes out:
 *
 * <pre>
 * writing thread ─ blocks ─▶ compressors (N) ─ members, in order ─▶ assembler: encrypts, cuts ─ volumes ─▶ sink
 *       ▲                                                              │              ▲                   │
 *       └──────────────────────── block pool ◀─────────────────────────┘              └─── volume pool ◀──┘
 * </pre>
 *
 * <p>Memory is bounded by the two pools; a slow sink empties the volume pool, the assembler then
 * waits, the block pool empties and the writing thread waits. The first failure anywhere closes the
 * pools and interrupts the rest, and is thrown to the writing thread.
 */
final class VolumePipeline implements AutoCloseable {

    private static final long ABORT_SECONDS = 10;

    private final Arena arena = Arena.ofShared();
    private final Pool<Block> blocks;
    private final Pool<CmsSealer> volumes;
    private final BlockCompressors compressors;
    private final VolumeUploads uploads;
    private final VolumeAssembler assembler;
    private final Thread assemblerThread;

    /**
     * Members in order, empty at the end. Never full: each but the end has a block from the pool.
     */
    private final BlockingQueue<Optional<Future<Block>>> members;

    /** The assembler and the uploads that have not ended. */
    private final AtomicInteger atWork = new AtomicInteger(1);

    /** Ends with the last upload, or with the first failure. */
    private final CompletableFuture<Void> done = new CompletableFuture<>();

    private final List<ArchiveInProgress> archives = new ArrayList<>();
    private @Nullable ArchiveInProgress current;
    private @Nullable Block filling;
    private boolean finished;
    private boolean released;

    VolumePipeline(ArchiveSettings settings, BackupKey key, VolumeNames names, VolumeSink sink) {
        int memberBytes = settings.codec().bound(settings.blockBytes());
        SecureRandom random = new SecureRandom();
        blocks =
                new Pool<>(
                        settings.blocks(),
                        () -> new Block(arena, settings.blockBytes(), memberBytes));
        volumes =
                new Pool<>(settings.volumes(), () -> new CmsSealer(settings.volumeBytes(), random));
        members = new ArrayBlockingQueue<>(settings.blocks() + 1);
        compressors = new BlockCompressors(settings);
        uploads = new VolumeUploads(sink, volumes, settings.volumesInFlight(), this::fail);
        assembler =
                new VolumeAssembler(
                        key,
                        names,
                        memberBytes,
                        blocks,
                        volumes,
                        uploads,
                        atWork::incrementAndGet,
                        this::oneEnded);
        assemblerThread =
                Thread.ofPlatform().daemon().name("cairn-assembler").start(this::assemble);
    }

    /** Ends the current archive, if there is one, and begins the next. */
    void begin(String name, Optional<Archive.Tablespace> tablespace) {
        requireOpen();
        endArchive();
        ArchiveInProgress archive = new ArchiveInProgress(name, tablespace);
        archives.add(archive);
        current = archive;
    }

    void write(byte[] bytes, int offset, int length) {
        requireOpen();
        ArchiveInProgress archive = current;
        if (archive == null) {
            throw new IllegalStateException("no archive was begun");
        }
        archive.count(length);
        int at = offset;
        int end = offset + length;
        while (at < end) {
            // A full block waits for the byte behind it, since the last one of an archive is
            // marked.
            at += blockWithRoom(archive).put(bytes, at, end - at);
        }
    }

    private Block blockWithRoom(ArchiveInProgress archive) {
        Block block = filling;
        if (block != null && !block.isFull()) {
            return block;
        }
        if (block != null) {
            submit(block);
        }
        try {
            Block next = blocks.take();
            next.begin(archive);
            filling = next;
            return next;
        } catch (Pool.ClosedException _) {
            throw failure();
        } catch (InterruptedException _) {
            throw interrupted();
        }
    }

    private void endArchive() {
        Block block = filling;
        if (block != null) {
            block.markLast();
            submit(block);
            filling = null;
        }
        current = null;
    }

    private void submit(Block block) {
        try {
            members.add(Optional.of(compressors.compress(block)));
        } catch (RejectedExecutionException _) {
            throw failure();
        }
    }

    /** Ends the last archive and waits until everything is stored. */
    List<Archive> finish() {
        requireOpen();
        endArchive();
        finished = true;
        members.add(Optional.empty());
        try {
            done.get();
        } catch (ExecutionException _) {
            throw failure();
        } catch (InterruptedException _) {
            throw interrupted();
        }
        release();
        return archives.stream().map(ArchiveInProgress::toArchive).toList();
    }

    /** Stops everything; {@code why} is what the writing thread gets from now on. Thread-safe. */
    void fail(Throwable why) {
        if (done.completeExceptionally(why)) {
            stop();
        }
    }

    private void stop() {
        blocks.close();
        volumes.close();
        compressors.stop();
        uploads.stop();
        assemblerThread.interrupt();
    }

    private void assemble() {
        try {
            Optional<Future<Block>> next = members.take();
            while (next.isPresent()) {
                assembler.accept(next.get().get());
                next = members.take();
            }
            oneEnded();
        } catch (ExecutionException e) {
            fail(e.getCause() == null ? e : e.getCause());
        } catch (InterruptedException | Pool.ClosedException | RuntimeException | Error e) {
            fail(e);
        }
    }

    private void oneEnded() {
        if (atWork.decrementAndGet() == 0) {
            done.complete(null);
        }
    }

    /** Throws the first failure, if there was one. */
    void requireNoFailure() {
        if (done.isCompletedExceptionally()) {
            throw failure();
        }
    }

    private void requireOpen() {
        requireNoFailure();
        if (finished || released) {
            throw new IllegalStateException("the archives are finished");
        }
    }

    /** The first failure, to be thrown; errors are thrown at once. */
    private RuntimeException failure() {
        return switch (done.exceptionNow()) {
            case RuntimeException e -> e;
            case Error e -> throw e;
            case Throwable e -> new IllegalStateException("a thread of the pipeline ended", e);
        };
    }

    private CairnException interrupted() {
        Thread.currentThread().interrupt();
        CairnException interrupted =
                new CairnException(
                        ErrorCode.RUN_DRAINED,
                        "writing the archives was interrupted",
                        "the run starts again when its event comes back");
        fail(interrupted);
        return interrupted;
    }

    long bytesStored() {
        return uploads.bytesStored();
    }

    /** Block and volume buffers made so far, for tests of the memory bound. */
    int blocksMade() {
        return blocks.made();
    }

    int volumesMade() {
        return volumes.made();
    }

    /** Without {@link #finish} before: aborts. Frees all memory. */
    @Override
    public void close() {
        if (released) {
            return;
        }
        fail(new IllegalStateException("the writer was closed before it was finished"));
        release();
    }

    private void release() {
        released = true;
        stop();
        compressors.close();
        Uninterruptibly.run(assemblerThread::join);
        Uninterruptibly.run(() -> uploads.awaitEnd(ABORT_SECONDS));
        arena.close();
    }
}
