package io.cairn.executor.basebackup;

import io.cairn.archive.ArchiveWriter;
import io.cairn.archive.ObjectEncoder;
import io.cairn.archive.SealedObject;
import io.cairn.archive.key.BackupKey;
import io.cairn.archive.key.Identity;
import io.cairn.events.BackupDue;
import io.cairn.events.DueCause;
import io.cairn.executor.progress.ProgressTeller;
import io.cairn.executor.publish.CommitOutcome;
import io.cairn.executor.publish.RunEvents;
import io.cairn.model.AttemptId;
import io.cairn.model.BackupKind;
import io.cairn.model.backup.Archive;
import io.cairn.model.backup.BackupLayout;
import io.cairn.model.backup.CommitObject;
import io.cairn.model.backup.CommitObject.ExecutorsManifest;
import io.cairn.model.backup.StoredObject;
import io.cairn.model.error.CairnException;
import io.cairn.model.error.ErrorCode;
import io.cairn.postgres.basebackup.BaseBackupOptions;
import io.cairn.postgres.basebackup.BaseBackupOptions.Checkpoint;
import io.cairn.postgres.basebackup.BaseBackupResult;
import io.cairn.postgres.manifest.BackupManifest;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * One attempt of a {@link FullBackup}. For one thread; the sink is called by the archive writer's.
 */
final class FullBackupAttempt {

    private final FullBackup backup;
    private final SourceSession session;
    private final Taking taking;
    private final BackupDue due;
    private final RunEvents events;
    private final RunClock clock;
    private final AttemptObjects objects;
    private final BackupLayout layout;

    FullBackupAttempt(
            FullBackup backup,
            SourceSession session,
            Taking taking,
            AttemptId attempt,
            RunEvents events) {
        this.backup = backup;
        this.session = session;
        this.taking = taking;
        this.due = taking.due();
        this.events = events;
        this.clock = backup.environment().clock();
        this.objects = new AttemptObjects(backup, session, taking, attempt, events);
        this.layout = objects.layout();
    }

    CommitOutcome take() throws InterruptedException {
        Instant startedAt = clock.instant();
        BackupKey key = BackupKey.random(new SecureRandom());
        try {
            // Durable before the first volume: no object may exist that nobody can open.
            StoredObject wrapped = objects.storeKey(key);
            objects.started(startedAt);
            return stream(key, wrapped, startedAt);
        } finally {
            key.destroy();
        }
    }

    private CommitOutcome stream(BackupKey key, StoredObject wrapped, Instant startedAt)
            throws InterruptedException {
        AttemptId attempt = objects.attempt();
        try (ProgressTeller _ =
                        ProgressTeller.start(
                                due.run(),
                                attempt,
                                objects.progress(),
                                events,
                                backup.progressEvery(),
                                clock);
                ArchiveWriter writer =
                        ArchiveWriter.open(
                                backup.archives(), layout, attempt, key, objects::store)) {
            Optional<IncrementalBlocks> blocks =
                    taking.parent().map(parent -> new IncrementalBlocks());
            ArchiveReceiver receiver =
                    new ArchiveReceiver(
                            writer, blocks, this::received, objects.progress()::estimate);
            BaseBackupResult result = session.baseBackup(options(), receiver);
            // As soon as possible: the server removes its summaries when they are old.
            blocks.ifPresent(held -> held.requireWhole(session.cuts(result)));
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
                            backup.epoch(),
                            startedAt,
                            clock.instant(),
                            result.timeline(),
                            result.startLsn(),
                            result.stopLsn(),
                            taking.parent().map(CommitObject::label),
                            taking.parent().map(CommitObject::attempt),
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
                            session.settings(),
                            executorsManifest(manifest),
                            taking.reason());
            return objects.commit(commit);
        }
    }

    /** Of what an incremental may build on: a snapshot stands alone. */
    private Optional<ExecutorsManifest> executorsManifest(byte[] manifest) {
        return due.kind() == BackupKind.SNAPSHOT
                ? Optional.empty()
                : backup.keys().manifests().map(own -> executorsManifest(own, manifest));
    }

    private ExecutorsManifest executorsManifest(Identity own, byte[] manifest) {
        AttemptId attempt = objects.attempt();
        BackupKey key = BackupKey.random(new SecureRandom());
        try {
            StoredObject wrapped =
                    objects.storeKey(
                            layout.executorsManifestKey(attempt), key, List.of(own.certificate()));
            SealedObject sealed =
                    new ObjectEncoder(backup.archives().codec(), backup.archives().gzipLevel(), key)
                            .encode(layout.executorsManifest(attempt), manifest);
            return new ExecutorsManifest(objects.store(sealed), wrapped);
        } finally {
            key.destroy();
        }
    }

    private BaseBackupOptions options() {
        BaseBackupOptions options =
                BaseBackupOptions.labelled("cairn " + due.run())
                        .with(
                                due.cause() == DueCause.REQUESTED
                                        ? Checkpoint.FAST
                                        : Checkpoint.SPREAD)
                        .withMaxRateKilobytes(backup.cluster().maxRateKilobytes());
        return taking.parent().isPresent() ? options.asIncremental() : options;
    }

    private void received(long bytes) {
        objects.progress().received(bytes);
        backup.environment().meter().received(backup.cluster().name(), bytes);
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
}
