package io.cairn.replication.copy;

import io.cairn.model.ObjectKey;
import io.cairn.model.backup.StoredObject;
import io.cairn.model.error.CairnException;
import io.cairn.model.error.ErrorCode;
import io.cairn.storage.ObjectInfo;
import io.cairn.storage.ObjectStore;
import io.cairn.storage.ObjectStores;
import io.cairn.storage.PutOptions;
import io.cairn.storage.PutOutcome;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.Semaphore;

/**
 * Copies single objects into one store. What is there is not read again; two who want the same
 * object share one transfer; never more than the permitted number of transfers at once. An object
 * is streamed and checked on the way, so it comes into being whole and right, or not at all.
 *
 * <p>Thread-safe; blocks.
 */
final class ObjectCopies {

    private final ObjectStore target;
    private final Semaphore transfers;
    private final ConcurrentMap<ObjectKey, CompletableFuture<CopyOutcome>> underWay =
            new ConcurrentHashMap<>();

    /**
     * @param parallel transfers at once
     */
    ObjectCopies(ObjectStore target, int parallel) {
        this.target = target;
        this.transfers = new Semaphore(parallel);
    }

    ObjectStore target() {
        return target;
    }

    /**
     * @throws CairnException a {@code STORE_…} code, if a store cannot be used now
     */
    CopyOutcome copy(StoredObject part, ObjectStore source) throws InterruptedException {
        CompletableFuture<CopyOutcome> mine = new CompletableFuture<>();
        CompletableFuture<CopyOutcome> other = underWay.putIfAbsent(part.key(), mine);
        if (other != null) {
            return join(other);
        }
        try {
            CopyOutcome outcome = copyNow(part, source);
            mine.complete(outcome);
            return outcome;
        } catch (Throwable e) {
            // Whoever waits for it must not wait for ever, whatever it was.
            mine.completeExceptionally(e);
            throw e;
        } finally {
            underWay.remove(part.key(), mine);
        }
    }

    private static CopyOutcome join(CompletableFuture<CopyOutcome> other)
            throws InterruptedException {
        try {
            return switch (other.join()) {
                case CopyOutcome.Copied _, CopyOutcome.Present _ -> new CopyOutcome.Present();
                case CopyOutcome.Missing missing -> missing;
                case CopyOutcome.SourceDamaged damaged -> damaged;
                case CopyOutcome.TargetDiffers differs -> differs;
            };
        } catch (CompletionException e) {
            switch (e.getCause()) {
                case CairnException cause -> throw cause;
                case InterruptedException cause -> throw cause;
                case null, default -> throw e;
            }
        }
    }

    private CopyOutcome copyNow(StoredObject part, ObjectStore source) throws InterruptedException {
        Optional<ObjectInfo> present = target.head(part.key());
        if (present.isPresent()) {
            return isSame(present.get(), part) ? new CopyOutcome.Present() : differs(part.key());
        }
        transfers.acquire();
        try {
            return outcome(part, ObjectStores.copy(source, part, target, PutOptions.NONE));
        } catch (CairnException e) {
            return switch (e.code()) {
                case STORE_OBJECT_MISSING -> new CopyOutcome.Missing(e);
                case STORE_OBJECT_DIFFERS -> new CopyOutcome.SourceDamaged(e);
                default -> throw e;
            };
        } finally {
            transfers.release();
        }
    }

    private CopyOutcome outcome(StoredObject part, PutOutcome put) {
        return switch (put) {
            case PutOutcome.Created _ -> new CopyOutcome.Copied(part.length());
            case PutOutcome.AlreadyPresent _ -> new CopyOutcome.Present();
            case PutOutcome.Different _ -> differs(part.key());
        };
    }

    private static boolean isSame(ObjectInfo info, StoredObject part) {
        return info.length() == part.length() && info.sha256().equals(Optional.of(part.sha256()));
    }

    private CopyOutcome differs(ObjectKey key) {
        return new CopyOutcome.TargetDiffers(
                new CairnException(
                        ErrorCode.STORE_OBJECT_DIFFERS,
                        "store '"
                                + target.name()
                                + "' holds other bytes under "
                                + key
                                + " than the source",
                        "nothing was overwritten; find out who wrote it, then remove it so that it can be copied again"));
    }
}
