package io.cairn.executor.wal;

import io.cairn.executor.wal.WalWriter.Written;
import io.cairn.model.Lsn;
import io.cairn.model.ObjectKey;
import io.cairn.model.error.CairnException;
import io.cairn.model.error.ErrorCode;
import io.cairn.model.wal.LsnRange;
import io.cairn.model.wal.WalFolder;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * A session's objects on their way into the store, each with a thread of its own. How many there
 * are is bounded by who starts them.
 *
 * <p>Where other WAL lies under an object's name, it and all that follow go into a folder of their
 * own. (Objects that are on their way in that moment may still come to lie beside the other WAL, if
 * their names are free there.)
 *
 * <p>Thread-safe. The owner is called without a lock held.
 */
final class WalUploads {

    /** What becomes of objects. */
    interface Owner {

        /**
         * @param bytes that were stored by this session
         */
        void stored(LsnRange range, long bytes);

        /** One is on its way no more, whatever became of it. */
        void done();

        void failed(Throwable cause);

        void diverged(Lsn at, String folder);
    }

    /** An object's key, which depends on the folder that its WAL goes into. */
    @FunctionalInterface
    interface Naming {
        ObjectKey in(WalFolder folder);
    }

    private final WalWriter writer;
    private final SendTimes times;
    private final WalFolder own;
    private final WalFolder other;
    private final Owner owner;
    private final Set<Thread> threads = ConcurrentHashMap.newKeySet();
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition fewer = lock.newCondition();
    private WalFolder folder;
    private int inFlight;
    private int piecesInFlight;

    /**
     * @param own where the WAL goes
     * @param keyId names the folder that it goes into if it differs
     */
    WalUploads(WalWriter writer, SendTimes times, WalFolder own, String keyId, Owner owner) {
        this.writer = writer;
        this.times = times;
        this.own = own;
        this.other = own.diverged(keyId);
        this.folder = own;
        this.owner = owner;
    }

    /** Takes over the part, and releases it when it is stored. */
    void start(SegmentBuffer.Part part, boolean piece, Naming name) {
        Thread thread =
                Thread.ofVirtual()
                        .name("wal upload " + part.range())
                        .unstarted(() -> store(part, piece, name));
        lock.lock();
        try {
            inFlight++;
            piecesInFlight += piece ? 1 : 0;
        } finally {
            lock.unlock();
        }
        threads.add(thread);
        thread.start();
    }

    private void store(SegmentBuffer.Part part, boolean piece, Naming name) {
        try {
            owner.stored(part.range(), put(part, name));
        } catch (InterruptedException e) {
            // The session has ended without it.
            Thread.currentThread().interrupt();
        } catch (RuntimeException | Error e) {
            owner.failed(e);
        } finally {
            threads.remove(Thread.currentThread());
            part.buffer().release();
            done(piece);
        }
        owner.done();
    }

    private long put(SegmentBuffer.Part part, Naming name) throws InterruptedException {
        for (int tries = 0; tries < 2; tries++) {
            WalFolder into = folder();
            Written written =
                    writer.write(
                            name.in(into),
                            part.array(),
                            part.from(),
                            part.length(),
                            times.at(part.range().end()));
            if (written instanceof Written.Stored(long bytes)) {
                return bytes;
            }
            if (into.equals(own)) {
                diverge(part.range().start());
            }
        }
        throw new CairnException(
                ErrorCode.STORE_OBJECT_DIFFERS,
                name.in(folder()) + " holds other WAL, and so did the timeline's own folder",
                "two servers write the same timeline of this cluster: stop one of them");
    }

    private void done(boolean piece) {
        lock.lock();
        try {
            inFlight--;
            piecesInFlight -= piece ? 1 : 0;
            fewer.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** Where the WAL goes now. */
    WalFolder folder() {
        lock.lock();
        try {
            return folder;
        } finally {
            lock.unlock();
        }
    }

    boolean isDiverged() {
        return folder().equals(other);
    }

    /** What comes for {@code at} is not what is stored. */
    void diverge(Lsn at) {
        lock.lock();
        try {
            if (folder.equals(other)) {
                return;
            }
            folder = other;
        } finally {
            lock.unlock();
        }
        owner.diverged(at, other.divergence().orElseThrow());
    }

    int pieces() {
        lock.lock();
        try {
            return piecesInFlight;
        } finally {
            lock.unlock();
        }
    }

    boolean isEmpty() {
        lock.lock();
        try {
            return inFlight == 0;
        } finally {
            lock.unlock();
        }
    }

    /**
     * Waits until none is on its way, at most so long.
     *
     * @return whether that is so
     */
    boolean await(Duration limit) throws InterruptedException {
        lock.lock();
        try {
            return inFlight == 0
                    || (fewer.await(limit.toNanos(), TimeUnit.NANOSECONDS) && inFlight == 0);
        } finally {
            lock.unlock();
        }
    }

    /** Gives up those that are still on their way. */
    void abandon() {
        if (!isEmpty()) {
            writer.stop();
            threads.forEach(Thread::interrupt);
        }
    }
}
