package io.cairn.executor.basebackup;

import io.cairn.archive.ArchiveSettings;
import io.cairn.config.ClusterConfig;
import io.cairn.executor.publish.CommitOutcome;
import io.cairn.executor.publish.RunEvents;
import io.cairn.model.AttemptId;
import io.cairn.model.error.CairnException;
import io.cairn.storage.ObjectStore;
import java.time.Duration;

/**
 * Takes base backups of one cluster into one store. The tar streams and the WAL that makes them
 * consistent are compressed, encrypted and stored while they come; the commit object, last and only
 * if there is none, makes the attempt visible.
 *
 * <p>Memory of an attempt: {@link ArchiveSettings#memoryBytes()}, the manifest twice and about 500
 * bytes for each file of the cluster (150 more in an incremental), whatever the speed of the store.
 * Thread-safe; each attempt has its own state.
 *
 * @param epoch of what was known of the stores when this one was chosen
 * @param archives gzip level and volume size are the run's policy's
 * @param progressEvery how often progress is told
 */
record FullBackup(
        ClusterConfig cluster,
        ObjectStore store,
        long epoch,
        BackupKeys keys,
        ArchiveSettings archives,
        Duration progressEvery,
        RunEnvironment environment) {

    FullBackup(
            ClusterConfig cluster,
            ObjectStore store,
            BackupKeys keys,
            ArchiveSettings archives,
            Duration progressEvery,
            RunEnvironment environment) {
        this(cluster, store, 0, keys, archives, progressEvery, environment);
    }

    /** The same into another store. */
    FullBackup into(ObjectStore other, long known) {
        return new FullBackup(cluster, other, known, keys, archives, progressEvery, environment);
    }

    /**
     * Makes one attempt. Whatever it throws, nothing of it is visible.
     *
     * @param session holds the cluster's fence
     * @throws CairnException with the code of what went wrong, at the source, at the store or in
     *     between
     * @throws InterruptedException if the executor stops
     */
    CommitOutcome take(SourceSession session, Taking taking, AttemptId attempt, RunEvents events)
            throws InterruptedException {
        return new FullBackupAttempt(this, session, taking, attempt, events).take();
    }
}
