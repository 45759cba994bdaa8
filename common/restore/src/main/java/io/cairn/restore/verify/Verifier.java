package io.cairn.restore.verify;

import io.cairn.archive.key.BackupKey;
import io.cairn.archive.key.Identity;
import io.cairn.archive.tar.TarIndex;
import io.cairn.model.AttemptId;
import io.cairn.model.BackupKind;
import io.cairn.model.ObjectKey;
import io.cairn.model.backup.BackupLayout;
import io.cairn.model.backup.CommitObject;
import io.cairn.model.backup.CommitObject.ExecutorsManifest;
import io.cairn.model.error.CairnException;
import io.cairn.model.error.ErrorCategory;
import io.cairn.model.error.ErrorCode;
import io.cairn.model.wal.LsnRange;
import io.cairn.restore.backup.BackupReader;
import io.cairn.restore.backup.StoredBackup;
import io.cairn.restore.contents.BackupContents;
import io.cairn.restore.contents.BackupOpener;
import io.cairn.restore.contents.ContentReader;
import io.cairn.restore.contents.PartFailure;
import io.cairn.restore.contents.ReadSettings;
import io.cairn.restore.key.BackupWraps;
import io.cairn.storage.ObjectStore;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.function.LongConsumer;
import java.util.function.Supplier;

/**
 * Verifies one copy of a backup: its signature; length and digest of every part, of those too that
 * a restore does not need; that each decrypts and inflates; that the tar streams have the headers
 * that the index says; that the files are exactly those of the server's manifest, by size and
 * checksum. Of a log backup, moreover, that the store holds all WAL that it stands for, each object
 * as it was written. Nothing is written anywhere. Thread-safe.
 *
 * <p>Memory: {@link ReadSettings#memoryBytes()}, a quarter of it again for files that lie in
 * several volumes, and 1 kB a file; of WAL two segments.
 */
public final class Verifier {

    private static final int SIGNATURE_BYTES_MAX = 1 << 20;

    private final Identity identity;
    private final ReadSettings settings;
    private final InstantSource clock;

    /**
     * @param identity a recipient's private key
     */
    public Verifier(Identity identity, ReadSettings settings, InstantSource clock) {
        this.identity = identity;
        this.settings = settings;
        this.clock = clock;
    }

    /**
     * @param progress told how many bytes of file content have been read so far; called by several
     *     threads
     * @throws CairnException of category {@link ErrorCategory#TRANSIENT} only: the store could not
     *     be read
     */
    public Verification verify(BackupReader store, BackupLayout layout, LongConsumer progress)
            throws InterruptedException {
        return verify(store, layout, Optional.empty(), progress);
    }

    /**
     * The same of one attempt at the layout's run, which may have come second.
     *
     * @throws CairnException as {@link #verify(BackupReader, BackupLayout, LongConsumer)}
     */
    public Verification verify(
            BackupReader store, BackupLayout layout, AttemptId attempt, LongConsumer progress)
            throws InterruptedException {
        return verify(store, layout, Optional.of(attempt), progress);
    }

    private Verification verify(
            BackupReader store,
            BackupLayout layout,
            Optional<AttemptId> attempt,
            LongConsumer progress)
            throws InterruptedException {
        Instant startedAt = clock.instant();
        try {
            return verify(store, layout, attempt, startedAt, progress);
        } catch (FailedPart e) {
            if (Thread.interrupted()) {
                throw new InterruptedException("interrupted while verifying " + layout.commit());
            }
            if (e.failure.cause().category() == ErrorCategory.TRANSIENT) {
                throw e.failure.cause();
            }
            return new Verification.Failed(clock.instant(), e.failure.object(), e.failure.cause());
        }
    }

    /**
     * Verifies WAL of a backup's cluster in one store, whether a log backup stands for it or not:
     * that all of a range is there, on the way to the backup's timeline, each object as it was
     * written and in its place.
     *
     * @return what is wrong first
     * @throws CairnException of category {@link ErrorCategory#TRANSIENT} only
     */
    public Optional<PartFailure> verifyWal(
            ObjectStore store, CommitObject commit, LsnRange range, LongConsumer progress) {
        try {
            new LoggedWal(store, commit, identity, settings.codec()).verify(range, progress);
            return Optional.empty();
        } catch (FailedPart e) {
            if (e.failure.cause().category() == ErrorCategory.TRANSIENT) {
                throw e.failure.cause();
            }
            return Optional.of(e.failure);
        }
    }

    private Verification verify(
            BackupReader reader,
            BackupLayout layout,
            Optional<AttemptId> attempt,
            Instant startedAt,
            LongConsumer progress)
            throws InterruptedException, FailedPart {
        StoredBackup backup =
                part(
                        layout.commit(),
                        () ->
                                attempt.map(wanted -> reader.find(layout, wanted))
                                        .orElseGet(() -> reader.find(layout))
                                        .orElseThrow(() -> missing(reader, layout, attempt)));
        CommitObject commit = backup.commit();
        asWritten(reader.store(), layout.signature(commit.attempt()));
        executorsManifest(reader.store(), commit);
        BackupOpener opener = new BackupOpener(reader.store(), identity, settings.codec());
        BackupKey key = part(commit.key().key(), () -> opener.key(commit));
        long wraps = wraps(commit, new BackupWraps(reader.store(), commit));
        byte[] manifest = part(commit.manifest().key(), () -> opener.manifest(commit, key));
        TarIndex index = part(commit.index().key(), () -> opener.index(commit, key));
        BackupContents contents =
                part(
                        commit.manifest().key(),
                        () -> BackupContents.of(commit, key, manifest, index));

        FileChecks checks = new FileChecks(contents, settings.memoryBytes() / 4, progress);
        Optional<PartFailure> failure =
                new ContentReader(reader.store(), settings).read(contents, checks::visitor);
        if (failure.isPresent()) {
            throw new FailedPart(failure.get());
        }
        LoggedWal wal = new LoggedWal(reader.store(), commit, identity, settings.codec());
        if (commit.kind() == BackupKind.LOG) {
            wal.verify(progress);
        }
        return new Verification.Passed(
                startedAt,
                clock.instant(),
                commit.parts().count() + 1 + wraps + wal.objects(),
                commit.bytesStored() + backup.object().length() + wal.bytesRead(),
                checks.requireAll(),
                backup);
    }

    /**
     * A signature that verifies may have been changed where it does not matter; whatever did that
     * will not leave it at that.
     */
    private static void asWritten(ObjectStore store, ObjectKey key) throws FailedPart {
        part(key, () -> StoredBytes.read(store, key, SIGNATURE_BYTES_MAX));
    }

    /** What executors open when they build on this backup; nobody else has to be able to. */
    private static void executorsManifest(ObjectStore store, CommitObject commit)
            throws FailedPart {
        if (commit.executorsManifest().isPresent()) {
            ExecutorsManifest copy = commit.executorsManifest().get();
            part(copy.object().key(), () -> store.read(copy.object()));
            part(copy.wrappedKey().key(), () -> store.read(copy.wrappedKey()));
        }
    }

    /**
     * That one wrap opened does not say that all are as they were written.
     *
     * @return how many there are
     */
    private long wraps(CommitObject commit, BackupWraps wraps) throws FailedPart {
        ObjectKey first = commit.key().key();
        List<ObjectKey> added = part(first, wraps::added);
        if (added.isEmpty()) {
            return 1;
        }
        boolean hasFirst = part(first, wraps::hasFirst);
        for (ObjectKey wrap : added) {
            part(
                    wrap,
                    () -> {
                        wraps.requireSound(wrap, identity);
                        return wrap;
                    });
        }
        return added.size() + (hasFirst ? 1L : 0L);
    }

    private static CairnException missing(
            BackupReader reader, BackupLayout layout, Optional<AttemptId> attempt) {
        Optional<StoredBackup> another = attempt.flatMap(_ -> reader.find(layout));
        if (another.isPresent()) {
            return new CairnException(
                    ErrorCode.COMMIT_INVALID,
                    "attempt %s at %s is not the one that is committed, which is %s"
                            .formatted(
                                    attempt.orElseThrow(),
                                    another.get().commit().run(),
                                    another.get().commit().attempt()),
                    "nothing is lost: the committed attempt is another");
        }
        return new CairnException(
                ErrorCode.STORE_OBJECT_MISSING,
                layout.commit() + " is missing: the backup was never completed, or was deleted",
                "restore from another copy of this backup, or from another backup");
    }

    /** A step that reads one part, whose failure is that part's. */
    private static <T> T part(ObjectKey object, Supplier<T> step) throws FailedPart {
        try {
            return step.get();
        } catch (CairnException e) {
            throw new FailedPart(new PartFailure(object, e));
        }
    }
}
