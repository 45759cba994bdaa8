package io.cairn.events;

import com.fasterxml.jackson.annotation.JsonIgnore;
import io.cairn.model.AttemptId;
import io.cairn.model.BackupLabel;
import io.cairn.model.ClusterName;
import io.cairn.model.Lsn;
import io.cairn.model.RunId;
import io.cairn.model.StoreName;
import io.cairn.model.SystemIdentifier;
import io.cairn.model.Tier;
import io.cairn.model.Timeline;
import io.cairn.model.backup.CommitObject;
import io.cairn.model.backup.StoredObject;
import io.cairn.model.wal.SegmentSize;
import java.time.Instant;
import java.util.Optional;

/**
 * The commit object is written: the backup exists. Derivable from the bucket alone ({@link #of}).
 *
 * @param store where it was committed
 * @param commit the commit object itself; everything else is listed there
 * @param parent the backup an incremental one builds on
 * @param keyId names the backup's key
 * @param walFrom the first byte of WAL that a recovery needs beside the backup itself
 */
public record BackupCompleted(
        RunId run,
        Tier tier,
        SystemIdentifier systemIdentifier,
        AttemptId attempt,
        StoreName store,
        StoredObject commit,
        Timeline timeline,
        Lsn startLsn,
        Lsn stopLsn,
        Instant startedAt,
        Instant completedAt,
        int serverVersion,
        int gzipLevel,
        String codec,
        long files,
        long bytesIn,
        long bytesStored,
        boolean damaged,
        Optional<BackupLabel> parent,
        Optional<String> keyId,
        Optional<Lsn> walFrom)
        implements CairnEvent {

    @JsonIgnore
    public ClusterName cluster() {
        return run.cluster();
    }

    @Override
    public String deterministicId() {
        return completionId(run, attempt);
    }

    public static String completionId(RunId run, AttemptId attempt) {
        return run + ":" + attempt + ":completed";
    }

    /** The event of a commit object found in {@code store}, the same whoever finds it. */
    public static BackupCompleted of(CommitObject commit, StoredObject object, StoreName store) {
        return new BackupCompleted(
                commit.run(),
                commit.tier(),
                commit.systemIdentifier(),
                commit.attempt(),
                store,
                object,
                commit.timeline(),
                commit.startLsn(),
                commit.stopLsn(),
                commit.startedAt(),
                commit.completedAt(),
                commit.serverVersion(),
                commit.gzipLevel(),
                commit.codec(),
                commit.files(),
                commit.bytesIn(),
                commit.bytesStored(),
                commit.damaged(),
                commit.parent(),
                Optional.of(commit.keyId()),
                Optional.of(walFrom(commit)));
    }

    /** A backup that carries its WAL has whole segments up to its stop LSN. */
    private static Lsn walFrom(CommitObject commit) {
        SegmentSize size = SegmentSize.of(commit);
        return commit.includesWal()
                ? size.startOf(commit.stopLsn().plus(-1)).plus(size.bytes())
                : size.startOf(commit.startLsn());
    }
}
