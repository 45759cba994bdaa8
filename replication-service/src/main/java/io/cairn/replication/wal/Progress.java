package io.cairn.replication.wal;

import io.cairn.model.ObjectKey;
import java.util.Optional;
import java.util.Set;

/**
 * How far two stores were compared: what lies up to {@code after} in both is settled, and the keys
 * in {@code settled}, which come next, are too. Objects come into being a little out of order, so
 * that the next comparison looks at the last ones again.
 */
record Progress(Optional<ObjectKey> after, Set<ObjectKey> settled) {

    static final Progress NONE = new Progress(Optional.empty(), Set.of());

    Progress {
        settled = Set.copyOf(settled);
    }
}
