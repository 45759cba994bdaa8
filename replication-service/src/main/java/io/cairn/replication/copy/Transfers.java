package io.cairn.replication.copy;

import io.cairn.model.ObjectKey;
import io.cairn.model.backup.StoredObject;
import io.cairn.model.error.CairnException;
import io.cairn.storage.ObjectInfo;
import io.cairn.storage.ObjectStore;
import io.cairn.storage.ObjectStores;
import io.cairn.storage.PutOptions;
import io.cairn.storage.PutOutcome;
import java.io.InputStream;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;

/**
 * Transfers of single objects into one store, never more than the permitted number at once, nor
 * faster than permitted. An object is checked on the way, so it comes into being whole and right,
 * or not at all; where the target copies it by itself, no bytes pass through here. Nothing is ever
 * overwritten.
 *
 * <p>Thread-safe; blocks.
 */
public final class Transfers {

    private final ObjectStore target;
    private final UnaryOperator<InputStream> pace;
    private final Semaphore permits;

    /**
     * @param bandwidth of the target, shared with whoever else copies into it
     * @param parallel transfers at once
     */
    public Transfers(ObjectStore target, Optional<Bandwidth> bandwidth, int parallel) {
        this.target = target;
        this.pace =
                bandwidth
                        .<UnaryOperator<InputStream>>map(limit -> limit::pace)
                        .orElse(UnaryOperator.identity());
        this.permits = new Semaphore(parallel);
    }

    /** As fast as it goes. */
    public Transfers(ObjectStore target, int parallel) {
        this(target, Optional.empty(), parallel);
    }

    public ObjectStore target() {
        return target;
    }

    /**
     * Copies a part of a backup.
     *
     * @param different what it means that something else lies under the name
     * @throws CairnException a {@code STORE_…} code, if a store cannot be used now
     */
    public CopyOutcome copy(StoredObject part, ObjectStore source, Supplier<CopyOutcome> different)
            throws InterruptedException {
        return run(() -> ObjectStores.copy(source, part, target, PutOptions.NONE, pace), different);
    }

    /** Copies an object whose metadata says what it is; as the other otherwise. */
    public CopyOutcome copy(ObjectKey key, ObjectStore source, Supplier<CopyOutcome> different)
            throws InterruptedException {
        return run(() -> ObjectStores.copy(source, key, target, PutOptions.NONE, pace), different);
    }

    private CopyOutcome run(Supplier<PutOutcome> put, Supplier<CopyOutcome> different)
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
