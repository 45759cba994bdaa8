package io.cairn.catalog.rebuild;

import io.cairn.model.ObjectKey;
import io.cairn.model.Sha256;
import io.cairn.model.backup.CommitObject;
import io.cairn.model.backup.StoredObject;
import io.cairn.model.error.CairnException;
import io.cairn.model.error.ErrorCode;
import io.cairn.storage.ObjectStore;

/** Reads a commit object and checks that it is the one its key names. */
final class CommitReader {

    /** A commit object lists every volume: 1 TiB in volumes of 8 MiB are some 30 MB of JSON. */
    private static final int BYTES_MAX = 64 << 20;

    private CommitReader() {}

    /**
     * @param object the object's length and digest
     */
    record Commit(CommitObject commit, StoredObject object) {}

    /**
     * @throws CairnException {@link ErrorCode#COMMIT_INVALID}, {@link
     *     ErrorCode#FORMAT_UNSUPPORTED}, or one of the {@code STORE_…} codes
     */
    static Commit read(ObjectStore store, ObjectKey key) {
        String whence = key + " in store '" + store.name() + "'";
        byte[] json = store.read(key, BYTES_MAX);
        CommitObject commit = CommitObject.fromJson(json, whence);
        if (!commit.layout().commit().equals(key)) {
            throw new CairnException(
                    ErrorCode.COMMIT_INVALID,
                    whence
                            + " is the commit object of "
                            + commit.run()
                            + ", which does not belong there",
                    "somebody moved or renamed objects; use another copy of this backup");
        }
        return new Commit(commit, new StoredObject(key, json.length, Sha256.of(json)));
    }
}
