package io.cairn.restore.backup;

import io.cairn.model.ObjectKey;
import io.cairn.model.backup.ClusterRoot;
import io.cairn.model.error.CairnException;
import io.cairn.model.error.ErrorCode;
import io.cairn.model.record.Shredded;
import io.cairn.storage.ObjectStore;
import java.util.Optional;

/** Whether keys that are not there were shredded on purpose. */
public final class ShreddedKeys {

    private ShreddedKeys() {}

    /** What a store's record says, if a cluster's keys were shredded. */
    public static Optional<Shredded> find(ClusterRoot root, ObjectStore store) {
        ObjectKey key = Shredded.key(root);
        return store.isListed(key)
                ? Optional.of(Shredded.fromJson(store.read(key, Shredded.BYTES_MAX), key.value()))
                : Optional.empty();
    }

    /**
     * Says, of a key of which no wrap is there, whether that is on purpose.
     *
     * @param missing how it showed
     * @throws CairnException {@link ErrorCode#KEYS_SHREDDED}
     */
    public static void requireNot(ClusterRoot root, ObjectStore store, CairnException missing) {
        Optional<Shredded> record = find(root, store);
        if (record.isPresent()) {
            throw new CairnException(
                    ErrorCode.KEYS_SHREDDED,
                    "the keys of "
                            + root.cluster()
                            + " (system "
                            + root.systemIdentifier()
                            + ") were shredded on purpose at "
                            + record.get().at()
                            + " by "
                            + record.get().by(),
                    "nothing opens these backups again; cairn list shows what else there is",
                    missing);
        }
    }
}
