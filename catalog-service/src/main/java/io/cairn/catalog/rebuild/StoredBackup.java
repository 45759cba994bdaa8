package io.cairn.catalog.rebuild;

import io.cairn.model.AttemptId;
import io.cairn.model.RunId;
import io.cairn.model.StoreName;
import io.cairn.model.backup.CommitObject;
import io.cairn.model.backup.StoredObject;
import java.time.Instant;
import java.util.List;

/**
 * A backup as it lies in one store.
 *
 * @param object the commit object
 * @param storedAt when the commit object was written, by the store's clock
 * @param missing parts that the commit object lists and the store has not, or not in that length
 */
record StoredBackup(
        StoreName store,
        CommitObject commit,
        StoredObject object,
        Instant storedAt,
        List<StoredObject> missing) {

    StoredBackup {
        missing = List.copyOf(missing);
    }

    /** What it is, wherever it lies. */
    record Identity(RunId run, AttemptId attempt) {}

    Identity identity() {
        return new Identity(commit.run(), commit.attempt());
    }

    boolean complete() {
        return missing.isEmpty();
    }
}
