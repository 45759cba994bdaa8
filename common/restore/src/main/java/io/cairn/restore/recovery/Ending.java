package io.cairn.restore.recovery;

import io.cairn.model.Lsn;
import io.cairn.model.Timeline;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;

/** How one run of a recovering server ends. */
sealed interface Ending {

    /**
     * It is where it should be.
     *
     * @param timeline the new one, if it was promoted
     */
    record Reached(Optional<Timeline> timeline, Lsn replayed, Optional<Instant> lastCommit)
            implements Ending {

        RecoveryResult result(long segments, long nanos) {
            return new RecoveryResult(
                    timeline, replayed, lastCommit, segments, Duration.ofNanos(nanos));
        }
    }

    /** The source's settings were raised after the backup, and so must be this server's. */
    record SettingsTooLow(Map<String, String> raised) implements Ending {}

    /**
     * All WAL is replayed, and the target lies in the quiet time behind it: to be promoted, the
     * server has to be started without a target.
     */
    record EndOfWal() implements Ending {}
}
