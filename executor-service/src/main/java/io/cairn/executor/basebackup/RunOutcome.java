package io.cairn.executor.basebackup;

import io.cairn.executor.publish.CommittedBackup;
import io.cairn.model.error.CairnException;

/** How a run ended. Whatever there is to tell about it has been published. */
public sealed interface RunOutcome {

    /** This executor took the backup. */
    record Taken(CommittedBackup backup) implements RunOutcome {}

    /**
     * The backup was there: an earlier delivery of the event, or another executor, has taken it.
     */
    record Found(CommittedBackup backup) implements RunOutcome {}

    /** The run did not start before its deadline. */
    record Skipped(String reason) implements RunOutcome {}

    /** The run ended without a backup and is not tried again by itself. */
    record Failed(CairnException failure) implements RunOutcome {}
}
