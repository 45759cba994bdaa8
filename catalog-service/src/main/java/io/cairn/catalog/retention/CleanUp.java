package io.cairn.catalog.retention;

import io.cairn.model.BackupLabel;
import io.cairn.model.ObjectKey;
import io.cairn.model.StoreName;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** What came of a clean-up of one life of a cluster. */
public sealed interface CleanUp {

    Proposal proposal();

    /**
     * It was carried out.
     *
     * @param expired backups, those that an earlier clean-up had begun with
     * @param objects deleted in all stores together
     * @param retained what a lock refused; the next clean-up looks at it again
     */
    record Applied(
            Proposal proposal,
            List<BackupLabel> expired,
            long objects,
            long bytes,
            List<Retained> retained)
            implements CleanUp {

        public Applied {
            expired = List.copyOf(expired);
            retained = List.copyOf(retained);
        }
    }

    /**
     * It waits to be confirmed, or for what is in the way.
     *
     * @param why {@code share}, {@code policy}, {@code clock}
     */
    record Held(Proposal proposal, String why, String message, String hint) implements CleanUp {}

    /**
     * An object that its store does not let go.
     *
     * @param until absent where the store does not say
     */
    record Retained(StoreName store, ObjectKey key, Optional<Instant> until) {}
}
