package io.cairn.executor.basebackup;

import io.cairn.executor.publish.CommittedBackup;

/** How waiting for a cluster's fence ended. */
sealed interface FenceEntry {

    /** This session holds the fence; no backup of the label was there. */
    record Held() implements FenceEntry {}

    /** The run has been done by another. */
    record Done(CommittedBackup backup) implements FenceEntry {}

    /** The run may not start any more. */
    record TooLate(String reason) implements FenceEntry {}
}
