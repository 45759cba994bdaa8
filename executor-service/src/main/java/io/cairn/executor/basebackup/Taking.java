package io.cairn.executor.basebackup;

import io.cairn.events.BackupDue;
import io.cairn.model.BackupKind;
import io.cairn.model.BackupLabel;
import io.cairn.model.RunId;
import io.cairn.model.backup.CommitObject;
import java.util.List;
import java.util.Optional;

/**
 * What a run takes: what is due, or where that cannot be, a backup of another kind. That one is a
 * run of its own, of the same due time: its label says what it is.
 *
 * @param due the run that is taken
 * @param parent what an incremental builds on
 * @param reason why it is not the kind that was due
 */
record Taking(BackupDue due, Optional<CommitObject> parent, Optional<String> reason) {

    static Taking of(BackupDue due) {
        return new Taking(due, Optional.empty(), Optional.empty());
    }

    static Taking on(CommitObject parent, BackupDue due) {
        return new Taking(due, Optional.of(parent), Optional.empty());
    }

    static Taking instead(BackupDue due, BackupKind kind, String reason) {
        return new Taking(as(due, kind), Optional.empty(), Optional.of(reason));
    }

    /** The labels under which the backup of a due run may lie, its own first. */
    static List<BackupLabel> labels(BackupDue due) {
        BackupLabel own = due.run().label();
        return due.kind() == BackupKind.INCREMENTAL
                ? List.of(own, label(due, BackupKind.FULL), label(due, BackupKind.LOG))
                : List.of(own);
    }

    private static BackupLabel label(BackupDue due, BackupKind kind) {
        return BackupLabel.of(due.run().label().due(), kind);
    }

    private static BackupDue as(BackupDue due, BackupKind kind) {
        return new BackupDue(
                new RunId(due.cluster(), label(due, kind)),
                due.tier(),
                due.dueAt(),
                due.startDeadline(),
                due.cause(),
                due.policy());
    }
}
