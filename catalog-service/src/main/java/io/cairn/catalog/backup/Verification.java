package io.cairn.catalog.backup;

import io.cairn.catalog.fact.Join;
import java.time.Instant;
import java.util.Optional;

/**
 * Whether the stored bytes of a copy are what the server sent.
 *
 * @param passed the last time every one of them was proven
 * @param failed the last time some were found wrong
 */
public record Verification(Optional<Passed> passed, Optional<Finding> failed) {

    public static final Verification NONE = new Verification(Optional.empty(), Optional.empty());

    public record Passed(Instant at, long objects, long bytesRead, long files) {

        public Passed {
            at = Join.micros(at);
        }
    }

    public static Verification of(Passed passed) {
        return new Verification(Optional.of(passed), Optional.empty());
    }

    public static Verification of(Finding failed) {
        return new Verification(Optional.empty(), Optional.of(failed));
    }

    Verification join(Verification other) {
        return new Verification(
                Join.latest(passed, other.passed, Passed::at),
                Join.latest(failed, other.failed, Finding::at));
    }

    /** The failure that no later pass refuted. */
    public Optional<Finding> standingFailure() {
        return Finding.standing(failed, passed.map(Passed::at));
    }
}
