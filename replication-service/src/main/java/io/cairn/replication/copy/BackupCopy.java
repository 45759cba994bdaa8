package io.cairn.replication.copy;

import io.cairn.model.AttemptId;
import io.cairn.model.ObjectKey;
import io.cairn.model.StoreName;
import io.cairn.model.backup.CommitObject;
import io.cairn.model.error.CairnException;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/** How the copy of a backup ended. A store that is away is not an outcome but a thrown error. */
public sealed interface BackupCopy {

    /**
     * Every part, the signature and the commit object are in the target.
     *
     * @param committedAt when the commit object was written to the source, by the source's clock
     * @param replicatedAt when it was written to the target, by the target's clock
     * @param objects how many objects the copy has
     * @param bytesCopied what this call had to move
     */
    record Complete(
            CommitObject commit,
            Instant committedAt,
            Instant replicatedAt,
            long objects,
            long bytesCopied)
            implements BackupCopy {

        /**
         * From the commit in the source to the commit in the target; not negative, even if the
         * clocks disagree.
         */
        public Duration lag() {
            return replicatedAt.isBefore(committedAt)
                    ? Duration.ZERO
                    : Duration.between(committedAt, replicatedAt);
        }
    }

    /** The source has no such commit object (any longer): there is nothing to copy. */
    record SourceGone() implements BackupCopy {}

    /**
     * A part is missing or wrong. The copy is not listed, and will not be by trying again.
     *
     * @param store whose bytes are wrong
     * @param attempt absent if not even the commit object could be read
     */
    record Refused(
            StoreName store, ObjectKey object, Optional<AttemptId> attempt, CairnException why)
            implements BackupCopy {

        Refused of(AttemptId known) {
            return new Refused(store, object, Optional.of(known), why);
        }
    }
}
