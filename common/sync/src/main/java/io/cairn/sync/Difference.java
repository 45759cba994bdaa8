package io.cairn.sync;

import io.cairn.model.AttemptId;
import io.cairn.model.ObjectKey;
import io.cairn.model.RunId;
import io.cairn.model.StoreName;
import java.time.Instant;
import java.util.Optional;

/**
 * What is wrong with one object in one store.
 *
 * @param repaired whether it was, by now
 * @param storedAt when the object was stored, as far as another store knows
 * @param length in bytes, as far as is known
 * @param run the backup it belongs to, where it is part of one
 * @param why one line for an operator
 */
public record Difference(
        StoreName store,
        ObjectKey key,
        Kind kind,
        boolean repaired,
        Optional<Instant> storedAt,
        long length,
        Optional<RunId> run,
        Optional<AttemptId> attempt,
        String why) {

    /** What is wrong. */
    public enum Kind {
        /** It is not there, and another store has it. */
        MISSING,
        /** Its bytes are not those that were stored, and another store has those. */
        DAMAGED,
        /** No store has the bytes that were stored. */
        LOST,
        /** The stores hold different objects under the name, and none of them is damaged. */
        UNDECIDED
    }
}
