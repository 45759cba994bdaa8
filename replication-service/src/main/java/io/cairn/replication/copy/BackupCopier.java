package io.cairn.replication.copy;

import io.cairn.model.ObjectKey;
import io.cairn.model.Sha256;
import io.cairn.model.backup.CommitObject;
import io.cairn.model.backup.StoredObject;
import io.cairn.model.error.CairnException;
import io.cairn.model.error.ErrorCode;
import io.cairn.replication.copy.BackupCopy.Complete;
import io.cairn.replication.copy.BackupCopy.Refused;
import io.cairn.storage.ObjectBody;
import io.cairn.storage.ObjectInfo;
import io.cairn.storage.ObjectStore;
import io.cairn.storage.ObjectStores;
import io.cairn.storage.PutOptions;
import io.cairn.storage.PutOutcome;
import java.util.List;
import java.util.Optional;

/**
 * Makes the copy of a backup whole: every part its commit object lists, then the signature, then
 * the commit object. What earlier work or another process has copied is found there and left.
 * Whatever dies in between leaves no commit object behind whose parts are missing; so a commit
 * object that is there means that the copy is whole.
 *
 * <p>Thread-safe; blocks.
 */
final class BackupCopier {

    /** A commit object of some half a million volumes, which is 32 TiB at their default size. */
    private static final int COMMIT_BYTES_MAX = 256 << 20;

    private final ObjectCopies copies;
    private final ObjectStore target;
    private final int parallel;

    /**
     * @param parallel parts of one backup that are looked at at once
     */
    BackupCopier(ObjectCopies copies, int parallel) {
        this.copies = copies;
        this.target = copies.target();
        this.parallel = parallel;
    }

    /** A commit object as it was read from the source. */
    private record Source(ObjectStore store, ObjectInfo info, StoredObject stored, byte[] json) {

        Refused refused(CairnException why) {
            return new Refused(store.name(), stored.key(), Optional.empty(), why);
        }
    }

    /**
     * Copies the backup of a commit object that was found by listing.
     *
     * @throws CairnException as {@link #copy(StoredObject, ObjectStore)}
     */
    BackupCopy copy(ObjectKey commit, ObjectStore source) throws InterruptedException {
        Optional<ObjectInfo> info = source.head(commit);
        if (info.isEmpty()) {
            return new BackupCopy.SourceGone();
        }
        byte[] json = source.read(commit, COMMIT_BYTES_MAX);
        StoredObject stored = new StoredObject(commit, json.length, Sha256.of(json));
        if (!isSame(info.get(), stored)) {
            return refused(
                    source,
                    commit,
                    ErrorCode.STORE_OBJECT_DIFFERS,
                    "has not the digest it was stored with");
        }
        return copy(new Source(source, info.get(), stored, json));
    }

    /**
     * Copies the backup of a commit object that an event named.
     *
     * @throws CairnException a {@code STORE_…} code, if a store cannot be used now; {@link
     *     ErrorCode#FORMAT_UNSUPPORTED} if a newer Cairn wrote it
     */
    BackupCopy copy(StoredObject commit, ObjectStore source) throws InterruptedException {
        Optional<ObjectInfo> info = source.head(commit.key());
        if (info.isEmpty()) {
            return new BackupCopy.SourceGone();
        }
        byte[] json;
        try {
            json = source.read(commit);
        } catch (CairnException e) {
            if (e.code() == ErrorCode.STORE_OBJECT_DIFFERS) {
                return new Refused(source.name(), commit.key(), Optional.empty(), e);
            }
            throw e;
        }
        return copy(new Source(source, info.get(), commit, json));
    }

    private BackupCopy copy(Source source) throws InterruptedException {
        CommitObject commit;
        try {
            commit =
                    CommitObject.fromJson(
                            source.json(),
                            source.stored().key() + " in store '" + source.store().name() + "'");
        } catch (CairnException e) {
            if (e.code() == ErrorCode.COMMIT_INVALID) {
                return source.refused(e);
            }
            throw e;
        }
        ObjectKey key = source.stored().key();
        if (!commit.layout().commit().equals(key)) {
            return refused(
                    source.store(), key, ErrorCode.COMMIT_INVALID, "is that of " + commit.run());
        }
        BackupCopy outcome = copy(commit, source);
        return outcome instanceof Refused refused ? refused.of(commit.attempt()) : outcome;
    }

    private BackupCopy copy(CommitObject commit, Source source) throws InterruptedException {
        List<StoredObject> parts = commit.parts().toList();
        Optional<ObjectInfo> present = target.head(source.stored().key());
        if (present.isPresent()) {
            return isSame(present.get(), source.stored())
                    ? complete(commit, source, present.get(), 0)
                    : targetDiffers(source.stored().key(), source);
        }
        PartCopies.Result result = new PartCopies(copies, source.store(), parallel).copyAll(parts);
        Optional<Refused> refusal = result.refusal().or(() -> sign(commit, source));
        if (refusal.isPresent()) {
            return refusal.get();
        }
        PutOptions options = PutOptions.NONE.withMetadata(source.info().metadata());
        PutOutcome put =
                target.putIfAbsent(source.stored().key(), ObjectBody.of(source.json()), options);
        return put instanceof PutOutcome.Different
                ? targetDiffers(source.stored().key(), source)
                : complete(commit, source, put.info(), result.bytes());
    }

    /** Copies the signature, which every reader asks for; empty if it is in the target now. */
    private Optional<Refused> sign(CommitObject commit, Source source) {
        ObjectKey key = commit.layout().signature(commit.attempt());
        try {
            return ObjectStores.copy(source.store(), key, target) instanceof PutOutcome.Different
                    ? Optional.of(targetDiffers(key, source))
                    : Optional.empty();
        } catch (CairnException e) {
            return switch (e.code()) {
                case STORE_OBJECT_MISSING, STORE_OBJECT_DIFFERS ->
                        Optional.of(new Refused(source.store().name(), key, Optional.empty(), e));
                default -> throw e;
            };
        }
    }

    /** Parts, signature and commit object. */
    private static Complete complete(
            CommitObject commit, Source source, ObjectInfo written, long bytesCopied) {
        long objects = commit.parts().count() + 2;
        return new Complete(
                commit, source.info().lastModified(), written.lastModified(), objects, bytesCopied);
    }

    private Refused targetDiffers(ObjectKey key, Source source) {
        String what = "is not that of store '" + source.store().name() + "'";
        return refused(target, key, ErrorCode.STORE_OBJECT_DIFFERS, what);
    }

    private static Refused refused(ObjectStore store, ObjectKey key, ErrorCode code, String what) {
        return new Refused(
                store.name(),
                key,
                Optional.empty(),
                new CairnException(
                        code,
                        key + " in store '" + store.name() + "' " + what,
                        "nothing was overwritten; find out who wrote it, and use another copy meanwhile"));
    }

    private static boolean isSame(ObjectInfo info, StoredObject stored) {
        return info.length() == stored.length()
                && info.sha256().equals(Optional.of(stored.sha256()));
    }
}
