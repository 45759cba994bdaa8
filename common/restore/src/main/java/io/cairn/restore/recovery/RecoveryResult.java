package io.cairn.restore.recovery;

import io.cairn.model.Lsn;
import io.cairn.model.Timeline;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/**
 * A finished recovery; the server has been stopped in good order.
 *
 * @param timeline the new one, absent if the server was not promoted
 * @param replayed end of the last record that was replayed
 * @param lastCommit time of the last transaction that was replayed, where there was one
 * @param segments that the server was given
 */
public record RecoveryResult(
        Optional<Timeline> timeline,
        Lsn replayed,
        Optional<Instant> lastCommit,
        long segments,
        Duration elapsed) {}
