package io.cairn.restore.drill;

import java.time.Instant;

/** Which moment a drill brings a backup to, of those that its store's WAL leads to. */
@FunctionalInterface
public interface TargetChoice {

    /**
     * @param earliest the end of the backup
     * @param latest up to when everything that was committed is stored; after {@code earliest}
     * @return one of the two, or between them
     */
    Instant between(Instant earliest, Instant latest);
}
