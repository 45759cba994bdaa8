package io.cairn.restore.recovery;

import io.cairn.model.Lsn;

/** Is told how far replay is. Called by one thread, a few times a second; must return quickly. */
@FunctionalInterface
public interface RecoveryProgress {

    RecoveryProgress NONE = (_, _) -> {};

    /**
     * @param replayed end of the last record
     * @param end of the WAL that is stored
     */
    void advanced(Lsn replayed, Lsn end);
}
