package io.cairn.catalog.lock;

import io.cairn.model.AttemptId;
import io.cairn.model.ObjectKey;
import io.cairn.model.backup.BackupLayout;
import io.cairn.model.backup.CommitObject;
import io.cairn.model.backup.StoredObject;
import io.cairn.storage.ObjectInfo;
import io.cairn.storage.ObjectStore;
import io.cairn.storage.StoredParts;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import java.util.stream.Stream;

/**
 * One attempt at a backup as it lies in one store.
 *
 * @param objects what there is of it: parts, every wrap of its key, signature and commit object
 * @param missing what is not there, or has another length
 */
public record StoredCopy(CommitObject commit, List<ObjectKey> objects, List<ObjectKey> missing) {

    /** A commit object lists every volume: 1 TiB in volumes of 8 MiB are some 30 MB of JSON. */
    private static final int COMMIT_BYTES_MAX = 64 << 20;

    public StoredCopy {
        objects = List.copyOf(objects);
        missing = List.copyOf(missing);
    }

    /** The attempts at a backup that were committed in this store; none if it is not there. */
    public static List<StoredCopy> all(ObjectStore store, BackupLayout layout) {
        List<ObjectKey> beside = keys(store, layout.commitPrefix());
        List<StoredCopy> copies = new ArrayList<>();
        for (ObjectKey key : beside) {
            if (BackupLayout.ofAnyCommit(key).isPresent()) {
                copies.add(read(store, key, beside));
            }
        }
        return List.copyOf(copies);
    }

    public static Optional<StoredCopy> find(
            ObjectStore store, BackupLayout layout, AttemptId attempt) {
        List<ObjectKey> beside = keys(store, layout.commitPrefix());
        return Stream.of(layout.secondCommit(attempt), layout.commit())
                .filter(beside::contains)
                .map(key -> read(store, key, beside))
                .filter(copy -> copy.commit().attempt().equals(attempt))
                .findFirst();
    }

    private static List<ObjectKey> keys(ObjectStore store, String prefix) {
        try (Stream<ObjectInfo> listed = store.list(prefix)) {
            return listed.map(ObjectInfo::key).toList();
        }
    }

    private static StoredCopy read(ObjectStore store, ObjectKey key, List<ObjectKey> beside) {
        CommitObject commit =
                CommitObject.fromJson(
                        store.read(key, COMMIT_BYTES_MAX),
                        key + " in store '" + store.name() + "'");
        StoredParts parts = StoredParts.list(store, commit);
        List<ObjectKey> missing = new ArrayList<>(parts.missing().map(StoredObject::key).toList());
        TreeSet<ObjectKey> objects = new TreeSet<>(parts.lengths().keySet());
        objects.add(key);
        ObjectKey signature = commit.layout().signature(commit.attempt());
        (beside.contains(signature) ? objects : missing).add(signature);
        return new StoredCopy(commit, List.copyOf(objects), missing);
    }
}
