package io.cairn.cli;

import io.cairn.restore.plan.RestorePlan;
import io.cairn.restore.recovery.RecoveryPlan;
import java.time.Duration;
import java.util.Optional;

/**
 * How long a restore may take, by rates that are assumed: a plan is made without a catalog, and a
 * store's speed is known only once it is read. The drills measure what it really takes.
 *
 * @param restoreBytesPerSecond of files
 * @param replayBytesPerSecond of WAL
 */
record TimeExpected(Duration time, long restoreBytesPerSecond, long replayBytesPerSecond) {

    /** A store's stream or a disk of the usual kind, whichever is slower. */
    private static final long RESTORE = 100_000_000;

    /** One process replays. */
    private static final long REPLAY = 50_000_000;

    private static final Duration STARTS = Duration.ofSeconds(2);

    static TimeExpected of(RestorePlan plan, Optional<RecoveryPlan> recovery) {
        Duration files = Duration.ofMillis(plan.bytesToWrite() * 1000 / RESTORE);
        Duration replay =
                recovery.map(wal -> STARTS.plusMillis(wal.walBytesToReplay() * 1000 / REPLAY))
                        .orElse(Duration.ZERO);
        return new TimeExpected(files.plus(replay), RESTORE, REPLAY);
    }

    @Override
    public String toString() {
        return "expect about %s, assuming %s/s of files and %s/s of WAL"
                .formatted(
                        Format.duration(time),
                        Format.bytes(restoreBytesPerSecond),
                        Format.bytes(replayBytesPerSecond));
    }
}
