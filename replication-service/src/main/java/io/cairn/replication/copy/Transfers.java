package io.cairn.replication.copy;

import io.cairn.model.error.CairnException;
import io.cairn.storage.ObjectInfo;
import io.cairn.storage.ObjectStore;
import io.cairn.storage.PutOutcome;
import java.util.concurrent.Semaphore;
import java.util.function.Supplier;

/**
 * Transfers of single objects into one store, never more than the permitted number at once. An
 * object is streamed and checked on the way, so it comes into being whole and right, or not at all.
 * Nothing is ever overwritten.
 *
 * <p>Thread-safe; blocks.
 */
public final class Transfers {

    private final ObjectStore target;
    private final Semaphore permits;

    /**
     * @param parallel transfers at once
     */
    public Transfers(ObjectStore target, int parallel) {
        this.target = target;
        this.permits = new Semaphore(parallel);
    }

    public ObjectStore target() {
        return target;
    }

    /**
     * @param put of an object that is read from its source meanwhile
     * @param different what it means that something else lies under the name
     * @throws CairnException a {@code STORE_…} code, if a store cannot be used now
     */
    public CopyOutcome run(Supplier<PutOutcome> put, Supplier<CopyOutcome> different)
            throws InterruptedException {
        permits.acquire();
        try {
            return switch (put.get()) {
                case PutOutcome.Created(ObjectInfo info) -> new CopyOutcome.Copied(info.length());
                case PutOutcome.AlreadyPresent _ -> new CopyOutcome.Present();
                case PutOutcome.Different _ -> different.get();
            };
        } catch (CairnException e) {
            return switch (e.code()) {
                case STORE_OBJECT_MISSING -> new CopyOutcome.Missing(e);
                case STORE_OBJECT_DIFFERS -> new CopyOutcome.SourceDamaged(e);
                default -> throw e;
            };
        } finally {
            permits.release();
        }
    }
}
