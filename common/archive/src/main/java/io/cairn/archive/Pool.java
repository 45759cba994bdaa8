package io.cairn.archive;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;

/**
 * A fixed number of things that are made when first needed and used again. Who takes one when all
 * are in use, waits: this is what bounds the writer's memory and what slows its source to the pace
 * of the store. Thread-safe.
 */
final class Pool<T> {

    /** Thrown to whoever takes from a pool that was closed, also while waiting. */
    static final class ClosedException extends Exception {

        private ClosedException() {
            super("pool closed", null, false, false);
        }
    }

    private final int limit;
    private final Supplier<T> maker;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final Deque<T> idle = new ArrayDeque<>();
    private int made;
    private boolean closed;

    Pool(int limit, Supplier<T> maker) {
        this.limit = limit;
        this.maker = maker;
    }

    T take() throws InterruptedException, ClosedException {
        lock.lockInterruptibly();
        try {
            while (!closed && idle.isEmpty() && made == limit) {
                changed.await();
            }
            if (closed) {
                throw new ClosedException();
            }
            if (!idle.isEmpty()) {
                // The one used last: its memory is the likeliest to be in the cache.
                return idle.pop();
            }
            made++;
            return maker.get();
        } finally {
            lock.unlock();
        }
    }

    void give(T item) {
        lock.lock();
        try {
            idle.push(item);
            changed.signal();
        } finally {
            lock.unlock();
        }
    }

    void close() {
        lock.lock();
        try {
            closed = true;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** How many were made so far; never more than the limit. */
    int made() {
        lock.lock();
        try {
            return made;
        } finally {
            lock.unlock();
        }
    }
}
