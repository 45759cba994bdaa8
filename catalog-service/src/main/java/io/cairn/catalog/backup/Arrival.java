package io.cairn.catalog.backup;

import io.cairn.catalog.fact.Join;
import io.cairn.model.StoreName;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/**
 * How a copy came to be complete: every part there, the commit object last.
 *
 * @param committedAt when the backup was committed, if this is the store its executor wrote to
 * @param replicated when it was complete here, if this is a copy of another store's
 */
public record Arrival(Optional<Instant> committedAt, Optional<Replicated> replicated) {

    public static final Arrival NONE = new Arrival(Optional.empty(), Optional.empty());

    /**
     * @param lag from the commit in the source to the commit here
     */
    public record Replicated(Instant at, StoreName source, Duration lag, long bytesCopied) {

        public Replicated {
            at = Join.micros(at);
            lag = Join.millis(lag);
        }
    }

    public Arrival {
        committedAt = committedAt.map(Join::micros);
    }

    public static Arrival committed(Instant at) {
        return new Arrival(Optional.of(at), Optional.empty());
    }

    public static Arrival of(Replicated replicated) {
        return new Arrival(Optional.empty(), Optional.of(replicated));
    }

    Arrival join(Arrival other) {
        return new Arrival(
                Join.any(committedAt, other.committedAt),
                Join.earliest(replicated, other.replicated, Replicated::at));
    }

    /** Absent while the copy is not complete. */
    public Optional<Instant> completeAt() {
        return committedAt.or(() -> replicated.map(Replicated::at));
    }

    /** How long after the backup's commit the copy was complete; zero where it was committed. */
    public Optional<Duration> lag() {
        return committedAt.map(_ -> Duration.ZERO).or(() -> replicated.map(Replicated::lag));
    }
}
