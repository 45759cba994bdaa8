package io.cairn.restore.backup;

import io.cairn.archive.key.CommitSignature;
import io.cairn.model.AttemptId;
import io.cairn.model.BackupLabel;
import io.cairn.model.ClusterName;
import io.cairn.model.ObjectKey;
import io.cairn.model.Sha256;
import io.cairn.model.StoreName;
import io.cairn.model.SystemIdentifier;
import io.cairn.model.backup.BackupLayout;
import io.cairn.model.backup.ClusterRoot;
import io.cairn.model.backup.CommitObject;
import io.cairn.model.backup.StoredObject;
import io.cairn.model.error.CairnException;
import io.cairn.model.error.ErrorCategory;
import io.cairn.model.error.ErrorCode;
import io.cairn.model.record.Tombstone;
import io.cairn.storage.ObjectInfo;
import io.cairn.storage.ObjectStore;
import io.cairn.storage.StoredParts;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The backups of one store, read from its objects alone. Whatever it hands out has been proven to
 * come from an executor. Thread-safe.
 */
public final class BackupReader {

    /** A commit object of a hundred thousand volumes takes 25 MB. */
    private static final int COMMIT_BYTES_MAX = 64 << 20;

    private static final int SIGNATURE_BYTES_MAX = 1 << 20;

    private final ObjectStore store;
    private final X509Certificate trustAnchor;

    /**
     * @param trustAnchor what the certificate of whoever signed a commit object must chain to
     */
    public BackupReader(ObjectStore store, X509Certificate trustAnchor) {
        this.store = store;
        this.trustAnchor = trustAnchor;
    }

    public StoreName name() {
        return store.name();
    }

    public ObjectStore store() {
        return store;
    }

    /** The clusters that have anything in the store. What is not Cairn's is passed over. */
    public List<ClusterName> clusters() {
        return named(ClusterName::new, "");
    }

    /**
     * A cluster's lives: one per system identifier; more than one if it was created anew under the
     * same name.
     */
    public List<ClusterRoot> roots(ClusterName cluster) {
        return named(
                identifier -> new ClusterRoot(cluster, SystemIdentifier.parse(identifier)),
                cluster + "/");
    }

    /**
     * The labels under which anything lies, oldest first; not all of them need have been completed.
     */
    public List<BackupLabel> labels(ClusterRoot root) {
        return named(BackupLabel::new, root.backupsPrefix());
    }

    /** The labels that have expired: what lies under them is no backup any more. */
    public Set<BackupLabel> tombstones(ClusterRoot root) {
        try (Stream<ObjectInfo> listed = store.list(Tombstone.prefix(root))) {
            return listed.flatMap(info -> Tombstone.label(root, info.key()).stream())
                    .collect(Collectors.toUnmodifiableSet());
        }
    }

    /** Whether a backup has expired. */
    public boolean isExpired(BackupLayout layout) {
        return store.isListed(Tombstone.key(layout.root(), layout.label()));
    }

    /** A bucket may hold other things, which must not hide the backups beside them. */
    private <T> List<T> named(Function<String, T> parse, String prefix) {
        return KeyTree.children(store, prefix).stream()
                .flatMap(child -> ifNamed(parse, child).stream())
                .toList();
    }

    private static <T> Optional<T> ifNamed(Function<String, T> parse, String child) {
        try {
            return Optional.of(parse.apply(child));
        } catch (CairnException e) {
            if (e.code() == ErrorCode.NAME_INVALID) {
                return Optional.empty();
            }
            throw e;
        }
    }

    /**
     * The backup of a label, if it was completed.
     *
     * @throws CairnException {@link ErrorCode#COMMIT_INVALID}, {@link
     *     ErrorCode#FORMAT_UNSUPPORTED}, {@link ErrorCode#SIGNATURE_INVALID}, {@link
     *     ErrorCode#SIGNATURE_UNTRUSTED}
     */
    public Optional<StoredBackup> find(BackupLayout layout) {
        return find(layout, layout.commit());
    }

    /**
     * One attempt at the run of a label, if it was completed: the backup of that name, or an
     * attempt that came second to it.
     *
     * @throws CairnException as {@link #find(BackupLayout)}
     */
    public Optional<StoredBackup> find(BackupLayout layout, AttemptId attempt) {
        Optional<StoredBackup> named;
        try {
            named = find(layout).filter(backup -> backup.commit().attempt().equals(attempt));
        } catch (CairnException e) {
            if (e.category() == ErrorCategory.TRANSIENT) {
                throw e;
            }
            return Optional.of(find(layout, layout.secondCommit(attempt)).orElseThrow(() -> e));
        }
        return named.or(() -> find(layout, layout.secondCommit(attempt)));
    }

    /** The attempts at the run of a label that came second to the backup of that name. */
    public List<AttemptId> secondAttempts(BackupLayout layout) {
        try (Stream<ObjectInfo> listed = store.list(layout.commitPrefix())) {
            return listed.flatMap(info -> layout.secondAttempt(info.key()).stream()).toList();
        }
    }

    private Optional<StoredBackup> find(BackupLayout layout, ObjectKey key) {
        return readIfThere(key, COMMIT_BYTES_MAX).map(json -> proven(layout, key, json));
    }

    private StoredBackup proven(BackupLayout layout, ObjectKey key, byte[] json) {
        CommitObject commit = CommitObject.fromJson(json, key.toString());
        boolean inPlace =
                key.equals(layout.commit()) || key.equals(layout.secondCommit(commit.attempt()));
        if (!commit.layout().equals(layout) || !inPlace) {
            throw new CairnException(
                    ErrorCode.COMMIT_INVALID,
                    key
                            + " is the commit object of attempt "
                            + commit.attempt()
                            + " at "
                            + commit.layout().commit(),
                    "it was moved or copied by hand; restore from another copy");
        }
        requireOrigin(layout.signature(commit.attempt()), json, key);
        return new StoredBackup(
                store.name(), commit, new StoredObject(key, json.length, Sha256.of(json)));
    }

    private void requireOrigin(ObjectKey key, byte[] signed, ObjectKey name) {
        byte[] signature =
                readIfThere(key, SIGNATURE_BYTES_MAX)
                        .orElseThrow(() ->
                                new CairnException(
                                        ErrorCode.SIGNATURE_INVALID,
                                        name
                                                + " is not signed in store '"
                                                + store.name()
                                                + "': "
                                                + key
                                                + " is missing",
                                        "do not trust it; restore from another copy of this backup, or from another backup"));
        CommitSignature.verify(signed, signature, trustAnchor, key.toString());
    }

    private Optional<byte[]> readIfThere(ObjectKey key, int limitBytes) {
        try {
            return Optional.of(store.read(key, limitBytes));
        } catch (CairnException e) {
            if (e.code() == ErrorCode.STORE_OBJECT_MISSING) {
                return Optional.empty();
            }
            throw e;
        }
    }

    /**
     * Checks, by listing, that every part that a restore reads is there with its length. That the
     * bytes are right is found when they are read. What executors alone need is for verification to
     * miss.
     *
     * @return whether it can be read as it is; else something of it is archived, unless it has been
     *     thawed meanwhile
     * @throws CairnException {@link ErrorCode#ARCHIVE_INCOMPLETE} naming the first part that is not
     */
    public boolean requireComplete(CommitObject commit) {
        StoredParts stored = StoredParts.list(store, commit);
        missing(stored)
                .findFirst()
                .ifPresent(part -> {
                    CairnException incomplete = incomplete(part, stored.lengths().get(part.key()));
                    if (part.equals(commit.key())) {
                        ShreddedKeys.requireNot(commit.layout().root(), store, incomplete);
                    }
                    throw incomplete;
                });
        return stored.readable();
    }

    /** What a restore would read and is not there, or not with its length. */
    public List<StoredObject> missingParts(CommitObject commit) {
        return missing(StoredParts.list(store, commit)).toList();
    }

    private static Stream<StoredObject> missing(StoredParts stored) {
        Set<StoredObject> ofExecutors =
                stored.commit().executorsManifest().stream()
                        .flatMap(CommitObject.ExecutorsManifest::parts)
                        .collect(Collectors.toSet());
        return stored.missing().filter(part -> !ofExecutors.contains(part));
    }

    private CairnException incomplete(StoredObject part, @Nullable Long length) {
        String what =
                length == null
                        ? " is missing"
                        : " has " + length + " bytes instead of " + part.length();
        return new CairnException(
                ErrorCode.ARCHIVE_INCOMPLETE,
                part.key() + what + " in store '" + store.name() + "'",
                "restore from another copy of this backup, or from another backup");
    }
}
