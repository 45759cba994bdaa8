package io.cairn.restore.verify;

import io.cairn.model.ObjectKey;
import io.cairn.model.Sha256;
import io.cairn.model.error.CairnException;
import io.cairn.model.error.ErrorCode;
import io.cairn.storage.ObjectInfo;
import io.cairn.storage.ObjectStore;

/** Objects that no commit object names: each carries the digest of what was stored. */
final class StoredBytes {

    private StoredBytes() {}

    /**
     * Reads an object and compares it with its digest.
     *
     * @throws CairnException {@link ErrorCode#STORE_OBJECT_DIFFERS}; {@code STORE_…}
     */
    static byte[] read(ObjectStore store, ObjectKey key, int limitBytes) {
        byte[] bytes = store.read(key, limitBytes);
        boolean same =
                store.head(key)
                        .flatMap(ObjectInfo::sha256)
                        .filter(Sha256.of(bytes)::equals)
                        .isPresent();
        if (!same) {
            throw new CairnException(
                    ErrorCode.STORE_OBJECT_DIFFERS,
                    key + " has other bytes in store '" + store.name() + "' than were written",
                    "use another store's copy of it");
        }
        return bytes;
    }
}
