package io.cairn.replication.copy;

import io.cairn.events.ObjectStored;
import io.cairn.model.ClusterName;
import io.cairn.model.RunId;
import io.cairn.model.StoreName;
import io.cairn.model.backup.StoredObject;
import io.cairn.replication.route.Copy;
import java.time.Instant;
import java.util.Comparator;

/**
 * A part that may be copied before its backup is complete. Only a hint: whoever completes the copy
 * looks at every part anyway, so that losing one costs time and nothing else.
 *
 * @param source where it is
 */
record Hint(RunId run, StoreName source, StoredObject object, Instant storedAt) {

    /** The newest backup first, and its parts in the order in which they were stored. */
    static final Comparator<Hint> NEWEST_BACKUP_FIRST =
            Comparator.comparing((Hint hint) -> hint.run().label(), Comparator.reverseOrder())
                    .thenComparing(Hint::storedAt)
                    .thenComparing(hint -> hint.run().cluster())
                    .thenComparing(hint -> hint.object().key());

    static Hint of(ObjectStored event) {
        return new Hint(event.run(), event.store(), event.object(), event.storedAt());
    }

    ClusterName cluster() {
        return run.cluster();
    }

    Copy copy(StoreName target) {
        return new Copy(cluster(), target);
    }
}
