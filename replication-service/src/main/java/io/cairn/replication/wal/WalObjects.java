package io.cairn.replication.wal;

import io.cairn.model.ObjectKey;
import io.cairn.model.Sha256;
import io.cairn.model.error.CairnException;
import io.cairn.model.error.ErrorCode;
import io.cairn.model.wal.WalMetadata;
import io.cairn.replication.copy.CopyOutcome;
import io.cairn.storage.ObjectInfo;
import io.cairn.storage.ObjectStore;
import io.cairn.storage.ObjectStores;
import io.cairn.storage.PutOutcome;
import java.util.Optional;
import java.util.concurrent.Semaphore;

/**
 * Copies single WAL objects into one store, with their metadata; never more than the permitted
 * number at once. An object is streamed and checked on the way, so it comes into being whole and
 * right, or not at all. Nothing is ever overwritten.
 *
 * <p>Two objects of the same name are the same when they hold the same WAL, although their bytes
 * differ: two sessions, each under its own key, stored it.
 *
 * <p>Thread-safe; blocks.
 */
final class WalObjects {

    private final ObjectStore target;
    private final Semaphore transfers;

    /**
     * @param parallel transfers at once
     */
    WalObjects(ObjectStore target, int parallel) {
        this.target = target;
        this.transfers = new Semaphore(parallel);
    }

    ObjectStore target() {
        return target;
    }

    /**
     * @throws CairnException a {@code STORE_…} code, if a store cannot be used now
     */
    CopyOutcome copy(ObjectKey key, ObjectStore source) throws InterruptedException {
        transfers.acquire();
        try {
            return switch (ObjectStores.copy(source, key, target)) {
                case PutOutcome.Created(ObjectInfo info) -> new CopyOutcome.Copied(info.length());
                case PutOutcome.AlreadyPresent _ -> new CopyOutcome.Present();
                case PutOutcome.Different _ -> compare(key, source);
            };
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

    /**
     * Whether an object that both stores have is the same WAL.
     *
     * @throws CairnException a {@code STORE_…} code, if a store cannot be used now
     */
    CopyOutcome compare(ObjectKey key, ObjectStore source) {
        Optional<ObjectInfo> there = target.head(key);
        Optional<ObjectInfo> here = source.head(key);
        if (there.isEmpty() || here.isEmpty() || isSame(here.get(), there.get())) {
            return new CopyOutcome.Present();
        }
        return new CopyOutcome.TargetDiffers(
                new CairnException(
                        ErrorCode.STORE_OBJECT_DIFFERS,
                        "store '%s' holds something else under %s than store '%s'"
                                .formatted(target.name(), key, source.name()),
                        "nothing was overwritten; find out which of them is right, then remove the other so that it can be copied again"));
    }

    private static boolean isSame(ObjectInfo here, ObjectInfo there) {
        Optional<Sha256> wal = WalMetadata.plainSha256(here.metadata());
        boolean sameWal = wal.isPresent() && wal.equals(WalMetadata.plainSha256(there.metadata()));
        boolean sameBytes =
                here.length() == there.length()
                        && here.sha256().isPresent()
                        && here.sha256().equals(there.sha256());
        return sameWal || sameBytes;
    }
}
