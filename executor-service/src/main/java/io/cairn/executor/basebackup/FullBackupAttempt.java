package io.cairn.executor.basebackup;

import io.cairn.archive.ArchiveWriter;
import io.cairn.archive.SealedObject;
import io.cairn.archive.key.BackupKey;
import io.cairn.archive.key.CommitSignature;
import io.cairn.archive.key.WrappedKey;
import io.cairn.events.BackupDue;
import io.cairn.events.BackupStarted;
import io.cairn.events.DueCause;
import io.cairn.events.ObjectStored;
import io.cairn.executor.progress.Progress;
import io.cairn.executor.progress.ProgressTeller;
import io.cairn.executor.publish.CommitOutcome;
import io.cairn.executor.publish.Commits;
import io.cairn.executor.publish.RunEvents;
import io.cairn.model.AttemptId;
import io.cairn.model.ObjectKey;
import io.cairn.model.backup.Archive;
import io.cairn.model.backup.BackupLayout;
import io.cairn.model.backup.ClusterRoot;
import io.cairn.model.backup.CommitObject;
import io.cairn.model.backup.StoredObject;
import io.cairn.model.error.CairnException;
import io.cairn.model.error.ErrorCode;
import io.cairn.postgres.basebackup.BaseBackupOptions;
import io.cairn.postgres.basebackup.BaseBackupOptions.Checkpoint;
import io.cairn.postgres.basebackup.BaseBackupResult;
import io.cairn.postgres.manifest.BackupManifest;
import io.cairn.storage.ObjectBody;
import java.nio.ByteBuffer;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * One attempt of a {@link FullBackup}. For one thread; the sink is called by the archive writer's.
 */
final class FullBackupAttempt {

    private final FullBackup backup;
    private final SourceSession session;
    private final BackupDue due;
    private final AttemptId attempt;
    private final RunEvents events;
    private final RunClock clock;
    private final BackupLayout layout;
    private final Progress progress = new Progress();

    FullBackupAttempt(
            FullBackup backup,
            SourceSession session,
            BackupDue due,
            AttemptId attempt,
            RunEvents events) {
        this.backup = backup;
        this.session = session;
        this.due = due;
        this.attempt = attempt;
        this.events = events;
        this.clock = backup.environment().clock();
        this.layout =
                new BackupLayout(
                        new ClusterRoot(backup.cluster().name(), session.systemIdentifier()),
                        due.run().label());
    }

    CommitOutcome take() throws InterruptedException {
        Instant startedAt = clock.instant();
        BackupKey key = BackupKey.random(new SecureRandom());
        try {
            // Durable before the first volume: no object may exist that nobody can open.
            StoredObject wrapped = storeKey(key);
            events.tell(
                    new BackupStarted(
                            due.run(),
                            due.tier(),
                            attempt,
                            backup.store().name(),
                            backup.environment().executor(),
                            startedAt));
            return stream(key, wrapped, startedAt);
        } finally {
            key.destroy();
        }
    }

    private StoredObject storeKey(BackupKey key) {
        byte[] wrapped = WrappedKey.wrap(key, backup.keys().recipients(), clock.instant());
        return store(layout.wrappedKey(attempt), ObjectBody.of(wrapped));
    }

    private CommitOutcome stream(BackupKey key, StoredObject wrapped, Instant startedAt)
            throws InterruptedException {
        try (ProgressTeller _ =
                        ProgressTeller.start(
                                due.run(),
                                attempt,
                                progress,
                                events,
                                backup.progressEvery(),
                                clock);
                ArchiveWriter writer =
                        ArchiveWriter.open(backup.archives(), layout, attempt, key, this::store)) {
            ArchiveReceiver receiver =
                    new ArchiveReceiver(writer, this::received, progress::estimate);
            BaseBackupResult result = session.baseBackup(options(), receiver);
            List<Archive> archives = writer.finish();
            requireSameSystem(result);
            byte[] manifest = receiver.manifest();
            BackupManifest parsed = BackupManifest.parse(manifest);
            ManifestCheck.check(writer.index(), parsed, result);
            CommitObject commit =
                    new CommitObject(
                            CommitObject.FORMAT,
                            backup.cluster().name(),
                            result.systemIdentifier(),
                            due.tier(),
                            due.run().label(),
                            attempt,
                            0,
                            startedAt,
                            clock.instant(),
                            result.timeline(),
                            result.startLsn(),
                            result.stopLsn(),
                            Optional.empty(),
                            result.serverVersion(),
                            result.walSegmentBytes(),
                            true,
                            backup.archives().gzipLevel(),
                            backup.archives().codec().name(),
                            key.id(),
                            wrapped,
                            writer.store(layout.manifest(attempt), manifest),
                            writer.store(layout.index(attempt), writer.index().toJson()),
                            archives,
                            parsed.files().size(),
                            result.archiveBytes(),
                            result.damage(),
                            session.settings());
            return new Commits(backup.store()).commit(commit, this::sign, this::requireFence);
        }
    }

    private BaseBackupOptions options() {
        return BaseBackupOptions.labelled("cairn " + due.run())
                .with(due.cause() == DueCause.REQUESTED ? Checkpoint.FAST : Checkpoint.SPREAD)
                .withMaxRateKilobytes(backup.cluster().maxRateKilobytes());
    }

    private void received(long bytes) {
        progress.received(bytes);
        backup.environment().meter().received(backup.cluster().name(), bytes);
    }

    private StoredObject store(SealedObject object) {
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
                        due.run(),
                        due.tier(),
                        attempt,
                        backup.store().name(),
                        stored,
                        clock.instant()));
        return stored;
    }

    private byte[] sign(byte[] commit) {
        return CommitSignature.sign(commit, backup.keys().signer(), clock.instant());
    }

    private void requireSameSystem(BaseBackupResult result) {
        if (!result.systemIdentifier().equals(session.systemIdentifier())) {
            throw new CairnException(
                    ErrorCode.POSTGRES_SYSTEM_IDENTIFIER_CHANGED,
                    "cluster "
                            + backup.cluster().name()
                            + " was system "
                            + session.systemIdentifier()
                            + " when the run began and "
                            + result.systemIdentifier()
                            + " while it streamed",
                    "check what answers at the cluster's addresses");
        }
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
                due.run()
                        + " lost the fence of cluster "
                        + backup.cluster().name()
                        + " before it was committed"
                        + (cause == null ? "" : ": " + cause.getMessage()),
                "the run is repeated",
                cause);
    }
}
