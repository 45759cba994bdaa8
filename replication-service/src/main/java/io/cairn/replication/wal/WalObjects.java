package io.cairn.replication.wal;

import io.cairn.model.ObjectKey;
import io.cairn.model.Sha256;
import io.cairn.model.error.CairnException;
import io.cairn.model.error.ErrorCode;
import io.cairn.model.wal.WalMetadata;
import io.cairn.replication.copy.CopyOutcome;
import io.cairn.replication.copy.Transfers;
import io.cairn.storage.ObjectInfo;
import io.cairn.storage.ObjectStore;
import java.util.Optional;

/**
 * Copies single WAL objects into one store, with their metadata, by {@link Transfers}.
 *
 * <p>Two objects of the same name are the same when they hold the same WAL, although their bytes
 * differ: two sessions, each under its own key, stored it.
 *
 * <p>Thread-safe; blocks.
 */
final class WalObjects {

    private final Transfers transfers;

    /**
     * @param parallel transfers at once
     */
    WalObjects(ObjectStore target, int parallel) {
        this(new Transfers(target, parallel));
    }

    WalObjects(Transfers transfers) {
        this.transfers = transfers;
    }

    ObjectStore target() {
        return transfers.target();
    }

    /**
     * @throws CairnException a {@code STORE_…} code, if a store cannot be used now
     */
    CopyOutcome copy(ObjectKey key, ObjectStore source) throws InterruptedException {
        return transfers.copy(key, source, () -> compare(key, source));
    }

    /**
     * Whether an object that both stores have is the same WAL.
     *
     * @throws CairnException a {@code STORE_…} code, if a store cannot be used now
     */
    CopyOutcome compare(ObjectKey key, ObjectStore source) {
        ObjectStore target = target();
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
