package io.cairn.archive;

import io.cairn.model.backup.StoredObject;

/**
 * Where an {@link ArchiveWriter} puts its objects: in production, an object store.
 *
 * <p>Called by several virtual threads at once. It may block for as long as it likes: the writer
 * then waits, within its memory. It may throw: the writer then stops everything and throws the same
 * exception to the thread that writes. When the writer is aborted, threads in the sink are
 * interrupted.
 */
@FunctionalInterface
public interface VolumeSink {

    /**
     * Stores the object durably and returns what was stored, which the writer compares with what it
     * gave. The object's content must not be used after the return.
     */
    StoredObject store(SealedObject object);
}
