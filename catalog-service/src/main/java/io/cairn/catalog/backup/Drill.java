package io.cairn.catalog.backup;

import io.cairn.catalog.fact.Join;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/**
 * Whether a server was restored from a copy.
 *
 * @param passed the last drill that succeeded
 * @param failed the last that failed
 * @param skipped the last that could not be run, which proves nothing
 */
public record Drill(Optional<Passed> passed, Optional<Finding> failed, Optional<Skipped> skipped) {

    public static final Drill NONE =
            new Drill(Optional.empty(), Optional.empty(), Optional.empty());

    /**
     * @param rto the measured time to recover
     * @param objective what the tier promised then
     */
    public record Passed(
            Instant at, Duration rto, Duration objective, long tables, long rows, boolean amcheck) {

        public Passed {
            at = Join.micros(at);
            rto = Join.millis(rto);
            objective = Join.millis(objective);
        }
    }

    public record Skipped(Instant at, String reason) {

        public Skipped {
            at = Join.micros(at);
        }
    }

    public static Drill of(Passed passed) {
        return new Drill(Optional.of(passed), Optional.empty(), Optional.empty());
    }

    public static Drill of(Finding failed) {
        return new Drill(Optional.empty(), Optional.of(failed), Optional.empty());
    }

    public static Drill of(Skipped skipped) {
        return new Drill(Optional.empty(), Optional.empty(), Optional.of(skipped));
    }

    Drill join(Drill other) {
        return new Drill(
                Join.latest(passed, other.passed, Passed::at),
                Join.latest(failed, other.failed, Finding::at),
                Join.latest(skipped, other.skipped, Skipped::at));
    }

    /** The failure that no later success refuted. */
    public Optional<Finding> standingFailure() {
        return Finding.standing(failed, passed.map(Passed::at));
    }
}
