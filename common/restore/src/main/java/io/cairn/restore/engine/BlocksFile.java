package io.cairn.restore.engine;

import io.cairn.postgres.manifest.FileVerifier;
import io.cairn.restore.contents.BackupFile;
import io.cairn.restore.contents.FileMismatch;
import io.cairn.restore.engine.TargetFile.FilePart;
import io.cairn.restore.incremental.IncrementalFile;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Blocks of a file, laid over it in their order: who comes with later ones waits for the volume
 * before, which has begun. Thread-safe.
 */
final class BlocksFile {

    /** What is done with a file when its blocks are in place. */
    @FunctionalInterface
    interface Completion {
        /**
         * @param channel open on the file; taken over
         * @param changed whether it differs from before
         */
        void complete(FileChannel channel, boolean changed) throws IOException;
    }

    private final BackupFile file;
    private final Path path;
    private final Completion completion;
    private final Optional<FileVerifier> verifier;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition advanced = lock.newCondition();
    private @Nullable FileChannel channel;
    private @Nullable IncrementalFile overlay;
    private long due;

    BlocksFile(BackupFile file, Path path, Completion completion) {
        this.file = file;
        this.path = path;
        this.completion = completion;
        this.verifier = file.manifest().map(listed -> listed.verifier());
    }

    FilePart part() {
        return new FilePart() {
            @Override
            public void write(long position, byte[] bytes, int offset, int length)
                    throws IOException {
                add(position, bytes, offset, length);
            }

            @Override
            public void finish() {}

            @Override
            public void abort() throws IOException {
                close();
            }
        };
    }

    private void add(long position, byte[] bytes, int offset, int length) throws IOException {
        lock.lock();
        try {
            while (position != due) {
                advanced.await();
            }
            IncrementalFile current = opened();
            verifier.ifPresent(running -> running.update(bytes, offset, length));
            current.write(bytes, offset, length);
            due += length;
            if (due == file.entry().size()) {
                complete(current);
            }
            advanced.signalAll();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted while waiting for the volume before");
        } finally {
            lock.unlock();
        }
    }

    private IncrementalFile opened() throws IOException {
        IncrementalFile current = overlay;
        if (current == null) {
            FileChannel opened =
                    FileChannel.open(
                            path,
                            StandardOpenOption.READ,
                            StandardOpenOption.WRITE,
                            LinkOption.NOFOLLOW_LINKS);
            channel = opened;
            current = new IncrementalFile(file.path(), opened);
            overlay = current;
        }
        return current;
    }

    private void complete(IncrementalFile current) throws IOException {
        boolean changed = current.finish();
        verifier.ifPresent(running -> FileMismatch.require(file, running.finish()));
        FileChannel done = channel;
        channel = null;
        if (done != null) {
            completion.complete(done, changed);
        }
    }

    private void close() throws IOException {
        lock.lock();
        try {
            FileChannel open = channel;
            channel = null;
            if (open != null) {
                open.close();
            }
        } finally {
            lock.unlock();
        }
    }
}
