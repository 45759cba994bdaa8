package io.cairn.restore.key;

import io.cairn.archive.key.BackupKey;
import io.cairn.archive.key.Identity;
import io.cairn.archive.key.WrappedKey;
import io.cairn.model.ObjectKey;
import io.cairn.model.Sha256;
import io.cairn.model.backup.CommitObject;
import io.cairn.model.error.CairnException;
import io.cairn.model.error.ErrorCode;
import io.cairn.restore.backup.ShreddedKeys;
import io.cairn.storage.ObjectInfo;
import io.cairn.storage.ObjectStore;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/**
 * The wraps of a backup's key in one store: the first, which the commit object names, and those
 * that rotations have added. Each holds the same key, whose id the signed commit object names, so
 * that a foreign wrap opens nothing. Thread-safe.
 */
public final class BackupWraps {

    /** A wrapped key takes a few hundred bytes for each recipient. */
    static final int BYTES_MAX = 1 << 20;

    /** What can be wrong with one wrap while another one opens. */
    private static final Set<ErrorCode> OF_ONE_WRAP =
            Set.of(
                    ErrorCode.STORE_OBJECT_MISSING,
                    ErrorCode.STORE_OBJECT_DIFFERS,
                    ErrorCode.STORE_ERROR,
                    ErrorCode.ARCHIVE_CORRUPT,
                    ErrorCode.FORMAT_UNSUPPORTED,
                    ErrorCode.KEY_CANNOT_DECRYPT);

    private final ObjectStore store;
    private final CommitObject commit;

    public BackupWraps(ObjectStore store, CommitObject commit) {
        this.store = store;
        this.commit = commit;
    }

    /** Those that rotations have added. */
    public List<ObjectKey> added() {
        ObjectKey first = commit.key().key();
        try (Stream<ObjectInfo> wraps = store.list(commit.layout().wrapsPrefix(commit.attempt()))) {
            return wraps.map(ObjectInfo::key).filter(key -> !key.equals(first)).toList();
        }
    }

    /**
     * The backup's key, from the first wrap or, if that is away, damaged or for others, from any.
     *
     * @throws CairnException {@link ErrorCode#KEY_CANNOT_DECRYPT} if none is for this identity,
     *     {@link ErrorCode#KEYS_SHREDDED} if there is none any more on purpose; {@code STORE_…},
     *     {@link ErrorCode#ARCHIVE_CORRUPT}
     */
    public BackupKey open(Identity identity) {
        List<CairnException> problems = new ArrayList<>();
        try {
            return first(identity);
        } catch (CairnException e) {
            requireOfOneWrap(e);
            problems.add(e);
        }
        List<ObjectKey> added = added();
        for (ObjectKey wrap : added) {
            try {
                return added(wrap, identity);
            } catch (CairnException e) {
                requireOfOneWrap(e);
                problems.add(e);
            }
        }
        if (added.isEmpty() && problems.getFirst().code() == ErrorCode.STORE_OBJECT_MISSING) {
            ShreddedKeys.requireNot(commit.layout().root(), store, problems.getFirst());
        }
        throw told(problems);
    }

    private static void requireOfOneWrap(CairnException e) {
        if (!OF_ONE_WRAP.contains(e.code())) {
            throw e;
        }
    }

    /** That another key would open it says more than that a wrap is wrong, and that than none. */
    private static CairnException told(List<CairnException> problems) {
        CairnException told =
                problems.stream()
                        .filter(problem -> problem.code() == ErrorCode.KEY_CANNOT_DECRYPT)
                        .findFirst()
                        .or(() ->
                                problems.stream()
                                        .filter(problem ->
                                                problem.code() != ErrorCode.STORE_OBJECT_MISSING)
                                        .findFirst())
                        .orElse(problems.getFirst());
        problems.stream().filter(other -> other != told).forEach(told::addSuppressed);
        return told;
    }

    /**
     * Whether the first wrap is still there; a rotation may have removed it.
     *
     * @throws CairnException {@link ErrorCode#STORE_OBJECT_DIFFERS} if it is not as it was written
     */
    public boolean hasFirst() {
        try {
            store.read(commit.key());
            return true;
        } catch (CairnException e) {
            if (e.code() != ErrorCode.STORE_OBJECT_MISSING) {
                throw e;
            }
            return false;
        }
    }

    /**
     * Requires that a wrap holds what was written there and, if it is for this identity, the
     * backup's key.
     *
     * @throws CairnException of category CORRUPTION; {@code STORE_…}
     */
    public void requireSound(ObjectKey added, Identity identity) {
        try {
            added(added, identity);
        } catch (CairnException e) {
            if (e.code() != ErrorCode.KEY_CANNOT_DECRYPT) {
                throw e;
            }
        }
    }

    private BackupKey first(Identity identity) {
        return unwrap(store.read(commit.key()), commit.key().key(), identity);
    }

    private BackupKey added(ObjectKey wrap, Identity identity) {
        return unwrap(read(store, wrap), wrap, identity);
    }

    /**
     * Reads a wrap that no commit object names, and compares it with the digest it carries.
     *
     * @throws CairnException {@link ErrorCode#STORE_OBJECT_DIFFERS}, {@code STORE_…}
     */
    static byte[] read(ObjectStore store, ObjectKey wrap) {
        byte[] bytes = store.read(wrap, BYTES_MAX);
        ObjectInfo info =
                store.head(wrap)
                        .orElseThrow(() ->
                                new CairnException(
                                        ErrorCode.STORE_OBJECT_MISSING,
                                        wrap + " is gone from store '" + store.name() + "'",
                                        "it was removed while it was read; try again"));
        if (info.sha256().filter(Sha256.of(bytes)::equals).isEmpty()) {
            throw new CairnException(
                    ErrorCode.STORE_OBJECT_DIFFERS,
                    wrap + " has other bytes in store '" + store.name() + "' than were written",
                    "use another store's copy of it");
        }
        return bytes;
    }

    private BackupKey unwrap(byte[] wrapped, ObjectKey wrap, Identity identity) {
        BackupKey key = WrappedKey.unwrap(wrapped, identity, wrap.value());
        if (!key.id().equals(commit.keyId())) {
            throw new CairnException(
                    ErrorCode.ARCHIVE_CORRUPT,
                    wrap + " holds backup key " + key.id() + " instead of " + commit.keyId(),
                    "restore from another copy of this backup, or from another backup");
        }
        return key;
    }
}
