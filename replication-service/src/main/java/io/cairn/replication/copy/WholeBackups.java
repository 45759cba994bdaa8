package io.cairn.replication.copy;

import io.cairn.model.ObjectKey;
import io.cairn.model.backup.CommitObject;
import io.cairn.model.backup.StoredObject;
import io.cairn.model.error.CairnException;
import io.cairn.model.error.ErrorCode;
import io.cairn.replication.copy.BackupCopy.Refused;
import io.cairn.storage.ObjectInfo;
import io.cairn.storage.ObjectStore;
import io.cairn.storage.ObjectStores;
import io.cairn.storage.PutOutcome;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Copies everything of a backup but its commit object: what opens it first, then its parts, then
 * the signature. Immutable.
 *
 * @param parallel parts of one backup that are looked at at once
 */
record WholeBackups(int parallel) {

    /**
     * @param bytes what had to be moved
     * @param refusal the first object that is missing or wrong, if one is
     */
    record Result(long bytes, Optional<Refused> refusal) {}

    /**
     * @throws CairnException a {@code STORE_…} code, if a store cannot be used now
     */
    Result withoutCommit(Committed backup, ObjectCopies into) throws InterruptedException {
        CommitObject commit = backup.commit();
        List<StoredObject> parts =
                commit.parts().filter(part -> !part.equals(commit.key())).toList();
        Result wraps = wraps(backup, into);
        if (wraps.refusal().isPresent()) {
            return wraps;
        }
        PartCopies.Result copied = new PartCopies(into, backup.store(), parallel).copyAll(parts);
        return new Result(
                wraps.bytes() + copied.bytes(),
                copied.refusal().or(() -> signature(backup, into.target())));
    }

    /**
     * The backup's key, as it is wrapped now: rotation adds wraps, and takes away the first in the
     * end.
     */
    private static Result wraps(Committed backup, ObjectCopies into) throws InterruptedException {
        CommitObject commit = backup.commit();
        List<ObjectKey> wraps;
        try (Stream<ObjectInfo> listed =
                backup.store().list(commit.layout().wrapsPrefix(commit.attempt()))) {
            wraps = listed.map(ObjectInfo::key).toList();
        }
        ObjectKey first = commit.key().key();
        List<StoredObject> named =
                wraps.isEmpty() || wraps.contains(first) ? List.of(commit.key()) : List.of();
        PartCopies.Result copied = new PartCopies(into, backup.store(), 1).copyAll(named);
        return new Result(
                copied.bytes(),
                copied.refusal()
                        .or(() ->
                                wraps.stream()
                                        .filter(wrap -> !wrap.equals(first))
                                        .flatMap(wrap ->
                                                plain(wrap, backup.store(), into.target()).stream())
                                        .findFirst()));
    }

    private static Optional<Refused> signature(Committed backup, ObjectStore target) {
        CommitObject commit = backup.commit();
        return plain(commit.layout().signature(commit.attempt()), backup.store(), target);
    }

    /** An object that no commit object lists; empty if it is in the target now. */
    private static Optional<Refused> plain(ObjectKey key, ObjectStore source, ObjectStore target) {
        try {
            return ObjectStores.copy(source, key, target) instanceof PutOutcome.Different
                    ? Optional.of(
                            Committed.refused(
                                    target,
                                    key,
                                    ErrorCode.STORE_OBJECT_DIFFERS,
                                    "is not that of store '" + source.name() + "'"))
                    : Optional.empty();
        } catch (CairnException e) {
            return switch (e.code()) {
                case STORE_OBJECT_MISSING, STORE_OBJECT_DIFFERS ->
                        Optional.of(new Refused(source.name(), key, Optional.empty(), e));
                default -> throw e;
            };
        }
    }
}
