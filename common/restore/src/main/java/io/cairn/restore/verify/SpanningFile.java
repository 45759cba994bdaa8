package io.cairn.restore.verify;

import io.cairn.postgres.manifest.FileVerifier;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * A file that lies in several volumes, which are read at the same time while its checksum has to
 * see its bytes in order. Bytes that come too early are kept as long as there is room, then their
 * thread waits; the thread whose bytes are due never waits. Thread-safe.
 */
final class SpanningFile {

    private final FileVerifier verifier;
    private final Semaphore room;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition advanced = lock.newCondition();
    private final Map<Long, byte[]> early = new TreeMap<>();
    private long due;

    /**
     * @param room bytes that all files together may keep
     */
    SpanningFile(FileVerifier verifier, Semaphore room) {
        this.verifier = verifier;
        this.room = room;
    }

    /** Returns how far the file has been seen in order. */
    long add(long position, byte[] bytes, int offset, int length) throws IOException {
        lock.lock();
        try {
            while (position != due) {
                if (room.tryAcquire(length)) {
                    early.put(position, Arrays.copyOfRange(bytes, offset, offset + length));
                    return due;
                }
                advanced.await();
            }
            verifier.update(bytes, offset, length);
            due += length;
            takeEarly();
            advanced.signalAll();
            return due;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted while waiting for the volume before");
        } finally {
            lock.unlock();
        }
    }

    private void takeEarly() {
        for (byte[] next = early.remove(due); next != null; next = early.remove(due)) {
            verifier.update(next, 0, next.length);
            due += next.length;
            room.release(next.length);
        }
    }

    FileVerifier verifier() {
        return verifier;
    }
}
