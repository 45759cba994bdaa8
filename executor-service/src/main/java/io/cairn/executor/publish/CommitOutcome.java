package io.cairn.executor.publish;

/** How an attempt to make a backup visible ended. */
public sealed interface CommitOutcome {

    /** The backup of the label, whoever made it. */
    CommittedBackup backup();

    /** This attempt is the backup. */
    record Won(CommittedBackup backup) implements CommitOutcome {}

    /** Another attempt had become the backup before; this one stays invisible. */
    record Lost(CommittedBackup backup) implements CommitOutcome {}
}
