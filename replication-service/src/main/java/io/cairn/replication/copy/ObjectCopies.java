package io.cairn.replication.copy;

import io.cairn.model.ObjectKey;
import io.cairn.model.backup.StoredObject;
import io.cairn.model.error.CairnException;
import io.cairn.model.error.ErrorCode;
import io.cairn.storage.ObjectInfo;
import io.cairn.storage.ObjectStore;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;

/**
 * Copies parts of backups into one store, by {@link Transfers}. What is there is not read again;
 * two who want the same object share one transfer.
 *
 * <p>Thread-safe; blocks.
 */
final class ObjectCopies {

    private final Transfers transfers;
    private final ConcurrentMap<ObjectKey, CompletableFuture<CopyOutcome>> underWay =
            new ConcurrentHashMap<>();

    /**
     * @param parallel transfers at once
     */
    ObjectCopies(ObjectStore target, int parallel) {
        this(new Transfers(target, parallel));
    }

    ObjectCopies(Transfers transfers) {
        this.transfers = transfers;
    }

    ObjectStore target() {
        return transfers.target();
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
        ObjectStore target = target();
        Optional<ObjectInfo> present = target.head(part.key());
        if (present.isPresent()) {
            return isSame(present.get(), part) ? new CopyOutcome.Present() : differs(part.key());
        }
        return transfers.copy(part, source, () -> differs(part.key()));
    }

    private static boolean isSame(ObjectInfo info, StoredObject part) {
        return info.length() == part.length() && info.sha256().equals(Optional.of(part.sha256()));
    }

    private CopyOutcome differs(ObjectKey key) {
        return new CopyOutcome.TargetDiffers(
                new CairnException(
                        ErrorCode.STORE_OBJECT_DIFFERS,
                        "store '"
                                + target().name()
                                + "' holds other bytes under "
                                + key
                                + " than the source",
                        "nothing was overwritten; find out who wrote it, then remove it so that it can be copied again"));
    }
}
