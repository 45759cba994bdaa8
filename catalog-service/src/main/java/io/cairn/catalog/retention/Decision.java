package io.cairn.catalog.retention;

import java.util.List;

/** What becomes of a backup. */
public sealed interface Decision {

    /**
     * @param reasons at least one
     */
    record Keep(List<Reason> reasons) implements Decision {

        public Keep {
            reasons = List.copyOf(reasons);
            if (reasons.isEmpty()) {
                throw new IllegalArgumentException("a backup is kept for a reason");
            }
        }
    }

    record Expire() implements Decision {}
}
