package io.cairn.executor.basebackup;

import io.cairn.archive.SealedObject;
import io.cairn.archive.key.BackupKey;
import io.cairn.archive.key.CommitSignature;
import io.cairn.archive.key.WrappedKey;
import io.cairn.events.BackupStarted;
import io.cairn.events.ObjectStored;
import io.cairn.executor.progress.Progress;
import io.cairn.executor.publish.CommitOutcome;
import io.cairn.executor.publish.Commits;
import io.cairn.executor.publish.RunEvents;
import io.cairn.model.AttemptId;
import io.cairn.model.ObjectKey;
import io.cairn.model.backup.BackupLayout;
import io.cairn.model.backup.ClusterRoot;
import io.cairn.model.backup.CommitObject;
import io.cairn.model.backup.StoredObject;
import io.cairn.model.error.CairnException;
import io.cairn.model.error.ErrorCode;
import io.cairn.storage.ObjectBody;
import java.nio.ByteBuffer;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Stores the objects of one attempt, tells of each, and commits them. Thread-safe. */
final class AttemptObjects {

    private final FullBackup backup;
    private final SourceSession session;
    private final Taking taking;
    private final AttemptId attempt;
    private final RunEvents events;
    private final RunClock clock;
    private final BackupLayout layout;
    private final Progress progress = new Progress();

    AttemptObjects(
            FullBackup backup,
            SourceSession session,
            Taking taking,
            AttemptId attempt,
            RunEvents events) {
        this.backup = backup;
        this.session = session;
        this.taking = taking;
        this.attempt = attempt;
        this.events = events;
        this.clock = backup.environment().clock();
        this.layout =
                new BackupLayout(
                        new ClusterRoot(backup.cluster().name(), session.systemIdentifier()),
                        taking.due().run().label());
    }

    BackupLayout layout() {
        return layout;
    }

    AttemptId attempt() {
        return attempt;
    }

    Progress progress() {
        return progress;
    }

    void started(Instant at) {
        events.tell(
                new BackupStarted(
                        taking.due().run(),
                        taking.due().tier(),
                        attempt,
                        backup.store().name(),
                        backup.environment().executor(),
                        at));
    }

    /** The backup's key, for its recipients. */
    StoredObject storeKey(BackupKey key) {
        return storeKey(layout.wrappedKey(attempt), key, backup.keys().recipients());
    }

    StoredObject storeKey(ObjectKey name, BackupKey key, List<X509Certificate> recipients) {
        return store(name, ObjectBody.of(WrappedKey.wrap(key, recipients, clock.instant())));
    }

    StoredObject store(SealedObject object) {
        return store(
                object.key(),
                ObjectBody.of(List.<ByteBuffer>of(object.content()), object.sha256()));
    }

    private StoredObject store(ObjectKey key, ObjectBody body) {
        backup.store().putIfAbsent(key, body).orThrow();
        StoredObject stored = new StoredObject(key, body.length(), body.sha256());
        progress.stored(stored.length());
        backup.environment().meter().stored(backup.cluster().name(), stored.length());
        events.tell(
                new ObjectStored(
                        taking.due().run(),
                        taking.due().tier(),
                        attempt,
                        backup.store().name(),
                        stored,
                        clock.instant()));
        return stored;
    }

    CommitOutcome commit(CommitObject commit) {
        return new Commits(backup.store()).commit(commit, this::sign, this::requireFence);
    }

    private byte[] sign(byte[] commit) {
        return CommitSignature.sign(commit, backup.keys().signer(), clock.instant());
    }

    /**
     * An executor that stood still may have been taken for dead: then its session was ended, and
     * its fence with it.
     */
    private void requireFence() {
        boolean held;
        try {
            held = session.holdsFence();
        } catch (CairnException e) {
            throw fenced(e);
        }
        if (!held) {
            throw fenced(null);
        }
    }

    private CairnException fenced(@Nullable CairnException cause) {
        return new CairnException(
                ErrorCode.RUN_FENCED,
                taking.due().run()
                        + " lost the fence of cluster "
                        + backup.cluster().name()
                        + " before it was committed"
                        + (cause == null ? "" : ": " + cause.getMessage()),
                "the run is repeated",
                cause);
    }
}
