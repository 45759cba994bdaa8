package io.cairn.restore.recovery;

import io.cairn.model.Lsn;
import io.cairn.model.Timeline;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/**
 * Where a server has come to.
 *
 * @param timeline the new one, if it was promoted
 */
record Reached(Optional<Timeline> timeline, Lsn replayed, Optional<Instant> lastCommit) {

    RecoveryResult result(long segments, long nanos) {
        return new RecoveryResult(
                timeline, replayed, lastCommit, segments, Duration.ofNanos(nanos));
    }
}
