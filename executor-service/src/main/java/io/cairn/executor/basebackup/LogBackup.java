package io.cairn.executor.basebackup;

import io.cairn.archive.ObjectEncoder;
import io.cairn.archive.key.BackupKey;
import io.cairn.archive.tar.TarIndex;
import io.cairn.executor.publish.CommitOutcome;
import io.cairn.executor.publish.Commits;
import io.cairn.executor.publish.RunEvents;
import io.cairn.model.AttemptId;
import io.cairn.model.BackupKind;
import io.cairn.model.BackupLabel;
import io.cairn.model.Lsn;
import io.cairn.model.Timeline;
import io.cairn.model.backup.BackupLayout;
import io.cairn.model.backup.ClusterRoot;
import io.cairn.model.backup.CommitObject;
import io.cairn.model.backup.StoredObject;
import io.cairn.model.error.CairnException;
import io.cairn.model.error.ErrorCode;
import io.cairn.postgres.manifest.ManifestChecksum;
import io.cairn.storage.ObjectStore;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * One attempt of a log backup: closes the WAL segment in progress, waits until the store holds all
 * WAL from the end of the backup before, whoever streams it, and commits that range under a label.
 * It holds no WAL itself. For one thread.
 */
final class LogBackup {

    private static final Duration LOOK = Duration.ofSeconds(1);

    private final FullBackup backup;
    private final SourceSession session;
    private final Taking taking;
    private final ChainSettings settings;
    private final RunClock clock;
    private final AttemptObjects objects;

    LogBackup(
            FullBackup backup,
            SourceSession session,
            Taking taking,
            ChainSettings settings,
            AttemptId attempt,
            RunEvents events) {
        this.backup = backup;
        this.session = session;
        this.taking = taking;
        this.settings = settings;
        this.clock = backup.environment().clock();
        this.objects = new AttemptObjects(backup, session, taking, attempt, events);
    }

    /**
     * @throws CairnException {@link ErrorCode#BACKUP_NOT_FOUND} if there is nothing to continue,
     *     {@link ErrorCode#WAL_NOT_STORED} if its WAL is not stored in time
     */
    CommitOutcome take() throws InterruptedException {
        Instant startedAt = clock.instant();
        objects.started(startedAt);
        WalPosition end = session.closeSegment();
        CommitObject before = before(end);
        awaitStored(before, end);
        BackupKey key = BackupKey.random(new SecureRandom());
        try {
            return commit(key, before, end, startedAt);
        } finally {
            key.destroy();
        }
    }

    /** The newest backup that this server's WAL continues. */
    private CommitObject before(WalPosition end) {
        BackupLabel own = taking.due().run().label();
        ClusterRoot root = objects.layout().root();
        return new Commits(backup.store())
                        .between(
                                root,
                                BackupLabel.of(own.due().minus(settings.age()), BackupKind.FULL),
                                BackupLabel.of(own.due(), BackupKind.FULL))
                        .reversed()
                        .stream()
                        .filter(commit ->
                                end.history().continues(commit.timeline(), commit.stopLsn()))
                        .findFirst()
                        .orElseThrow(() ->
                                new CairnException(
                                        ErrorCode.BACKUP_NOT_FOUND,
                                        taking.due().run()
                                                + " has nothing to continue: cluster "
                                                + taking.due().cluster()
                                                + " has no backup of the last "
                                                + settings.age().toHours()
                                                + " h that its WAL continues",
                                        "take a full backup: cairn backup "
                                                + taking.due().cluster()));
    }

    private void awaitStored(CommitObject before, WalPosition end) throws InterruptedException {
        ObjectStore store = backup.store();
        StoredWalEnd stored = new StoredWalEnd(store, objects.layout().root(), end);
        Instant until = clock.instant().plus(settings.walWait());
        Lsn reached = stored.after(before.stopLsn());
        while (reached.compareTo(end.end()) < 0) {
            if (clock.instant().isAfter(until)) {
                throw new CairnException(
                        ErrorCode.WAL_NOT_STORED,
                        "store "
                                + store.name()
                                + " holds the WAL of cluster "
                                + taking.due().cluster()
                                + " from "
                                + before.stopLsn()
                                + " (the end of "
                                + before.label()
                                + ") only to "
                                + reached
                                + " instead of "
                                + end.end()
                                + ", and did not get further for "
                                + settings.walWait().toSeconds()
                                + " s",
                        "see whether an executor of the tier streams it: cairn wal status");
            }
            clock.pause(LOOK);
            reached = stored.after(reached);
        }
    }

    private CommitOutcome commit(
            BackupKey key, CommitObject before, WalPosition end, Instant startedAt) {
        StoredObject wrapped = objects.storeKey(key);
        BackupLayout layout = objects.layout();
        AttemptId attempt = objects.attempt();
        ObjectEncoder encoder =
                new ObjectEncoder(backup.archives().codec(), backup.archives().gzipLevel(), key);
        Lsn start = before.stopLsn();
        Lsn stop = start.compareTo(end.end()) < 0 ? end.end() : start;
        Timeline timeline = end.history().timeline();
        byte[] manifest = manifest(layout.root(), timeline, start, stop);
        byte[] index = new TarIndex(TarIndex.FORMAT, List.of()).toJson();
        return objects.commit(
                new CommitObject(
                        CommitObject.FORMAT,
                        backup.cluster().name(),
                        session.systemIdentifier(),
                        taking.due().tier(),
                        layout.label(),
                        attempt,
                        backup.epoch(),
                        startedAt,
                        clock.instant(),
                        timeline,
                        start,
                        stop,
                        Optional.empty(),
                        Optional.empty(),
                        end.serverVersion(),
                        end.size().bytes(),
                        false,
                        backup.archives().gzipLevel(),
                        backup.archives().codec().name(),
                        key.id(),
                        wrapped,
                        objects.store(encoder.encode(layout.manifest(attempt), manifest)),
                        objects.store(encoder.encode(layout.index(attempt), index)),
                        List.of(),
                        0,
                        0,
                        List.of(),
                        session.settings(),
                        Optional.empty(),
                        taking.reason()));
    }

    /**
     * A manifest as PostgreSQL writes it, of no file: what reads those of other backups reads this.
     */
    static byte[] manifest(ClusterRoot root, Timeline timeline, Lsn start, Lsn stop) {
        String text =
                """
                { "PostgreSQL-Backup-Manifest-Version": 2,
                "System-Identifier": %s,
                "Files": [],
                "WAL-Ranges": [
                { "Timeline": %s, "Start-LSN": "%s", "End-LSN": "%s" }
                ],
                """
                        .formatted(root.systemIdentifier(), timeline, start, stop);
        return ManifestChecksum.appended(text);
    }
}
