package io.cairn.replication.copy;

import io.cairn.model.AttemptId;
import io.cairn.model.ObjectKey;
import io.cairn.model.backup.BackupLayout;
import io.cairn.model.backup.CommitObject;
import io.cairn.model.backup.StoredObject;
import io.cairn.model.error.CairnException;
import io.cairn.model.error.ErrorCode;
import io.cairn.model.record.Tombstone;
import io.cairn.replication.copy.BackupCopy.Complete;
import io.cairn.replication.copy.BackupCopy.Refused;
import io.cairn.storage.ObjectInfo;
import io.cairn.storage.ObjectStore;
import io.cairn.storage.PutOutcome;
import java.util.Optional;

/**
 * Makes the copy of a backup whole: its key, every part its commit object lists, then the
 * signature, then the commit object. What earlier work or another process has copied is found there
 * and left. Whatever dies in between leaves no commit object behind whose parts are missing; so a
 * commit object that is there means that the copy is whole.
 *
 * <p>Where another attempt was committed in the target under the same label, the two are
 * {@linkplain CommitMerge merged}.
 *
 * <p>Thread-safe; blocks.
 */
public final class BackupCopier {

    /** How often it is looked again at what others changed meanwhile. */
    private static final int LOOKS = 4;

    private final ObjectCopies copies;
    private final ObjectStore target;
    private final WholeBackups whole;
    private final CommitMerge merge;

    /**
     * @param parallel parts of one backup that are looked at at once
     */
    BackupCopier(ObjectCopies copies, int parallel) {
        this.copies = copies;
        this.target = copies.target();
        this.whole = new WholeBackups(parallel);
        this.merge = new CommitMerge(whole, parallel);
    }

    /**
     * @param target what it copies into
     * @param parallel objects on their way at once
     */
    public static BackupCopier into(ObjectStore target, int parallel) {
        return new BackupCopier(new ObjectCopies(target, parallel), parallel);
    }

    /**
     * Copies the backup of a commit object that was found by listing.
     *
     * @throws CairnException as {@link #copy(StoredObject, AttemptId, ObjectStore)}
     */
    public BackupCopy copy(ObjectKey commit, ObjectStore source) throws InterruptedException {
        return switch (Committed.read(commit, source)) {
            case Committed.Read.Gone _ -> new BackupCopy.SourceGone();
            case Committed.Read.Wrong(Refused refused) -> refused;
            case Committed.Read.There(Committed found) -> copy(found);
        };
    }

    /**
     * Copies the backup of a commit object that an event named.
     *
     * @param attempt that was committed; another one may have come before it, which then has the
     *     name
     * @throws CairnException a {@code STORE_…} code, if a store cannot be used now; {@link
     *     ErrorCode#FORMAT_UNSUPPORTED} if a newer Cairn wrote it
     */
    public BackupCopy copy(StoredObject commit, AttemptId attempt, ObjectStore source)
            throws InterruptedException {
        Optional<ObjectKey> second =
                BackupLayout.ofCommit(commit.key()).map(layout -> layout.secondCommit(attempt));
        Optional<ObjectInfo> info = source.head(commit.key());
        if (info.isEmpty()) {
            return new BackupCopy.SourceGone();
        }
        if (!Committed.isSame(info.get(), commit)
                && second.flatMap(source::head)
                        .filter(there -> Committed.isSame(there, commit))
                        .isPresent()) {
            return copy(second.get(), source);
        }
        return switch (Committed.read(commit.key(), source)) {
            case Committed.Read.Gone _ -> new BackupCopy.SourceGone();
            case Committed.Read.Wrong(Refused refused) -> refused;
            case Committed.Read.There(Committed found) ->
                    found.stored().equals(commit)
                            ? copy(found)
                            : Committed.refused(
                                    source,
                                    commit.key(),
                                    ErrorCode.STORE_OBJECT_DIFFERS,
                                    "is not what was stored");
        };
    }

    private BackupCopy copy(Committed found) throws InterruptedException {
        for (int look = 1; ; look++) {
            Optional<BackupCopy> outcome = look(found);
            if (outcome.isPresent()) {
                return outcome.get() instanceof Refused refused
                        ? refused.of(found.commit().attempt())
                        : outcome.get();
            }
            if (look == LOOKS) {
                throw new CairnException(
                        ErrorCode.STORE_UNAVAILABLE,
                        found.stored().key() + " changes all the time",
                        "see who writes to the stores besides Cairn");
            }
        }
    }

    /** What retention has given up is copied nowhere. */
    private boolean isExpired(BackupLayout layout, ObjectStore source) {
        ObjectKey tombstone = Tombstone.key(layout.root(), layout.label());
        return source.head(tombstone).isPresent() || target.head(tombstone).isPresent();
    }

    /** Empty where something else came in between. */
    private Optional<BackupCopy> look(Committed found) throws InterruptedException {
        Optional<ObjectInfo> present = target.head(found.stored().key());
        if (present.isPresent() && Committed.isSame(present.get(), found.stored())) {
            return Optional.of(complete(found, present.get(), 0));
        }
        if (isExpired(found.commit().layout(), found.store())) {
            return Optional.of(new BackupCopy.SourceGone());
        }
        if (present.isEmpty()) {
            return create(found);
        }
        return found.isSecond() ? Optional.of(differs(found)) : withTheOther(found);
    }

    private Optional<BackupCopy> create(Committed found) throws InterruptedException {
        WholeBackups.Result result = whole.withoutCommit(found, copies);
        if (result.refusal().isPresent()) {
            return Optional.of(result.refusal().get());
        }
        PutOutcome put = found.putInto(target, found.stored().key());
        return put instanceof PutOutcome.Different
                ? Optional.empty()
                : Optional.of(complete(found, put.info(), result.bytes()));
    }

    private Optional<BackupCopy> withTheOther(Committed found) throws InterruptedException {
        return switch (Committed.read(found.stored().key(), target)) {
            case Committed.Read.Gone _ -> Optional.empty();
            case Committed.Read.Wrong(Refused refused) -> Optional.of(refused);
            case Committed.Read.There(Committed other) when other.stored().equals(found.stored()) ->
                    Optional.empty();
            case Committed.Read.There(Committed other)
                    when other.commit().attempt().equals(found.commit().attempt()) ->
                    Optional.of(differs(found));
            case Committed.Read.There(Committed other) ->
                    switch (merge.merge(found, other, copies)) {
                        case CommitMerge.Outcome.Merged merged ->
                                Optional.of(complete(found, merged.written(), merged.bytes()));
                        case CommitMerge.Outcome.Refused refused -> Optional.of(refused.refusal());
                        case CommitMerge.Outcome.Changed _ -> Optional.empty();
                    };
        };
    }

    /** Parts, signature and commit object. */
    private static Complete complete(Committed found, ObjectInfo written, long bytesCopied) {
        CommitObject commit = found.commit();
        long objects = commit.parts().count() + 2;
        return new Complete(
                commit, found.info().lastModified(), written.lastModified(), objects, bytesCopied);
    }

    private Refused differs(Committed found) {
        return Committed.refused(
                target,
                found.stored().key(),
                ErrorCode.STORE_OBJECT_DIFFERS,
                "is not that of store '" + found.store().name() + "'");
    }
}
