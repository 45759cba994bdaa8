package io.cairn.catalog.backup;

import io.cairn.catalog.fact.Fact;
import io.cairn.catalog.fact.Join;
import io.cairn.events.BackupCompleted;
import io.cairn.model.AttemptId;
import io.cairn.model.BackupKind;
import io.cairn.model.BackupLabel;
import io.cairn.model.ClusterName;
import io.cairn.model.Lsn;
import io.cairn.model.ObjectKey;
import io.cairn.model.RunId;
import io.cairn.model.SystemIdentifier;
import io.cairn.model.Tier;
import io.cairn.model.Timeline;
import io.cairn.model.backup.BackupLayout;
import io.cairn.model.backup.ClusterRoot;
import io.cairn.model.backup.StoredObject;
import java.time.Instant;
import java.util.Comparator;
import java.util.Optional;

/**
 * A committed backup: one attempt at a run. All of it stands in the commit object, so every telling
 * is the same.
 *
 * @param commit the commit object
 * @param walFrom the first byte of WAL that a recovery needs beside the backup itself
 * @param damaged pages failed their checksum at the source; such a backup protects nothing
 */
public record Backup(
        RunId run,
        AttemptId attempt,
        Tier tier,
        SystemIdentifier systemIdentifier,
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
        implements Fact<Backup> {

    /** An older release does not tell the key and the WAL; the telling that does is preferred. */
    private static final Comparator<Backup> MOST_TOLD =
            Comparator.<Backup, Boolean>comparing(backup -> backup.keyId().isEmpty())
                    .thenComparing(backup -> backup.walFrom().isEmpty())
                    .thenComparing(Record::toString);

    public Backup {
        startedAt = Join.micros(startedAt);
        completedAt = Join.micros(completedAt);
    }

    public static Backup of(BackupCompleted event) {
        return new Backup(
                event.run(),
                event.attempt(),
                event.tier(),
                event.systemIdentifier(),
                event.commit(),
                event.timeline(),
                event.startLsn(),
                event.stopLsn(),
                event.startedAt(),
                event.completedAt(),
                event.serverVersion(),
                event.gzipLevel(),
                event.codec(),
                event.files(),
                event.bytesIn(),
                event.bytesStored(),
                event.damaged(),
                event.parent(),
                event.keyId(),
                event.walFrom());
    }

    /** The id of the backup that {@code attempt} committed, whether it is known or not. */
    public static String id(RunId run, AttemptId attempt) {
        return run + ":" + attempt;
    }

    @Override
    public String id() {
        return id(run, attempt);
    }

    @Override
    public Backup join(Backup other) {
        return MOST_TOLD.compare(this, other) <= 0 ? this : other;
    }

    public ClusterName cluster() {
        return run.cluster();
    }

    public BackupLabel label() {
        return run.label();
    }

    public BackupKind kind() {
        return label().kind();
    }

    public BackupLayout layout() {
        return new BackupLayout(new ClusterRoot(cluster(), systemIdentifier), label());
    }

    /** Where the backup's wrapped key lies. */
    public ObjectKey wrappedKey() {
        return layout().wrappedKey(attempt);
    }
}
