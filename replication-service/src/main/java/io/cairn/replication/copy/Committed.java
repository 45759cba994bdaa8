package io.cairn.replication.copy;

import io.cairn.model.ObjectKey;
import io.cairn.model.Sha256;
import io.cairn.model.backup.CommitObject;
import io.cairn.model.backup.StoredObject;
import io.cairn.model.error.CairnException;
import io.cairn.model.error.ErrorCode;
import io.cairn.replication.copy.BackupCopy.Refused;
import io.cairn.storage.ObjectBody;
import io.cairn.storage.ObjectInfo;
import io.cairn.storage.ObjectStore;
import io.cairn.storage.ObjectStores;
import io.cairn.storage.PutOptions;
import io.cairn.storage.PutOutcome;
import java.util.Optional;

/**
 * A commit object as it was read from a store: its bytes have the digest it was stored with.
 *
 * @param info before it was read
 * @param stored where it lies, and what it is
 */
record Committed(
        ObjectStore store, ObjectInfo info, StoredObject stored, CommitObject commit, byte[] json) {

    /** A commit object of some half a million volumes, which is 32 TiB at their default size. */
    private static final int BYTES_MAX = 256 << 20;

    /** What was found under a key. */
    sealed interface Read {
        record There(Committed committed) implements Read {}

        record Gone() implements Read {}

        record Wrong(Refused refused) implements Read {}
    }

    /**
     * @throws CairnException a {@code STORE_…} code, if the store cannot be used now; {@link
     *     ErrorCode#FORMAT_UNSUPPORTED} if a newer Cairn wrote it
     */
    static Read read(ObjectKey key, ObjectStore store) {
        Optional<ObjectInfo> info = store.head(key);
        if (info.isEmpty()) {
            return new Read.Gone();
        }
        byte[] json = store.read(key, BYTES_MAX);
        StoredObject stored = new StoredObject(key, json.length, Sha256.of(json));
        if (!Committed.isSame(info.get(), stored)) {
            return wrong(
                    store,
                    key,
                    ErrorCode.STORE_OBJECT_DIFFERS,
                    "has not the digest it was stored with");
        }
        CommitObject commit;
        try {
            commit = CommitObject.fromJson(json, key + " in store '" + store.name() + "'");
        } catch (CairnException e) {
            if (e.code() == ErrorCode.COMMIT_INVALID) {
                return new Read.Wrong(new Refused(store.name(), key, Optional.empty(), e));
            }
            throw e;
        }
        if (!commit.layout().commit().equals(key)
                && !commit.layout().secondCommit(commit.attempt()).equals(key)) {
            return wrong(store, key, ErrorCode.COMMIT_INVALID, "is that of " + commit.run());
        }
        return new Read.There(new Committed(store, info.get(), stored, commit, json));
    }

    private static Read wrong(ObjectStore store, ObjectKey key, ErrorCode code, String what) {
        return new Read.Wrong(refused(store, key, code, what));
    }

    static Refused refused(ObjectStore store, ObjectKey key, ErrorCode code, String what) {
        return new Refused(
                store.name(),
                key,
                Optional.empty(),
                new CairnException(
                        code,
                        key + " in store '" + store.name() + "' " + what,
                        "nothing was overwritten; the comparison of the stores repairs what is damaged: cairn replicate verify"));
    }

    static boolean isSame(ObjectInfo info, StoredObject stored) {
        return info.length() == stored.length()
                && info.sha256().equals(Optional.of(stored.sha256()));
    }

    /** Whether it came second to another one under its label, and lies where those do. */
    boolean isSecond() {
        return !commit.layout().commit().equals(stored.key());
    }

    /** Where it lies if it comes second. */
    ObjectKey secondKey() {
        return commit.layout().secondCommit(commit.attempt());
    }

    ObjectBody body() {
        return ObjectBody.of(json);
    }

    /** Locked and held as it is here, and only where nothing is. */
    PutOutcome putInto(ObjectStore target, ObjectKey key) {
        return ObjectStores.protectedLike(
                info, options(), like -> target.putIfAbsent(key, body(), like));
    }

    PutOptions options() {
        return PutOptions.NONE.withMetadata(info.metadata());
    }
}
