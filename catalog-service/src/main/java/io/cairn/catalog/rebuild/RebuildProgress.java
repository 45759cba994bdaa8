package io.cairn.catalog.rebuild;

import java.util.concurrent.atomic.AtomicLong;

/** How far the reading of the buckets has come. Thread-safe. */
final class RebuildProgress {

    private final AtomicLong found = new AtomicLong();
    private final AtomicLong read = new AtomicLong();

    void found(int objects) {
        found.addAndGet(objects);
    }

    void read() {
        read.incrementAndGet();
    }

    /** Commit objects and records that were listed so far; grows from store to store. */
    long objectsFound() {
        return found.get();
    }

    /** Of those, the ones that were read. */
    long objectsRead() {
        return read.get();
    }
}
