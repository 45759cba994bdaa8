package io.cairn.validator.proof;

import io.cairn.events.BackupCompleted;
import io.cairn.model.AttemptId;
import io.cairn.model.RunId;
import io.cairn.model.StoreName;
import io.cairn.model.Tier;
import io.cairn.model.backup.BackupLayout;
import io.cairn.model.backup.ClusterRoot;
import io.cairn.restore.backup.StoredBackup;

/**
 * The copy of a backup that is to be proven.
 *
 * @param attempt the one that was committed
 */
public record Subject(
        RunId run, Tier tier, AttemptId attempt, StoreName store, BackupLayout layout) {

    public static Subject of(BackupCompleted completed) {
        return new Subject(
                completed.run(),
                completed.tier(),
                completed.attempt(),
                completed.store(),
                new BackupLayout(
                        new ClusterRoot(completed.cluster(), completed.systemIdentifier()),
                        completed.run().label()));
    }

    public static Subject of(StoredBackup backup) {
        return new Subject(
                backup.commit().run(),
                backup.commit().tier(),
                backup.commit().attempt(),
                backup.store(),
                backup.commit().layout());
    }

    /** The copy of the same backup in another store. */
    public Subject in(StoreName other) {
        return new Subject(run, tier, attempt, other, layout);
    }

    @Override
    public String toString() {
        return run + " in '" + store + "'";
    }
}
