package io.cairn.catalog.run;

import io.cairn.catalog.fact.Fact;
import io.cairn.catalog.fact.Join;
import io.cairn.model.AttemptId;
import io.cairn.model.RunId;
import io.cairn.model.StoreName;
import java.time.Instant;
import java.util.Comparator;
import java.util.Optional;

/** One try of an executor at a run. */
public record Attempt(
        RunId run,
        AttemptId attempt,
        Optional<Started> started,
        Optional<Progress> progress,
        Optional<Failure> failure,
        Optional<Instant> completedAt)
        implements Fact<Attempt> {

    /** By start, those whose start nobody told of first. */
    public static final Comparator<Attempt> BY_START =
            Comparator.<Attempt, Instant>comparing(
                            attempt -> attempt.started().map(Started::at).orElse(Instant.MIN))
                    .thenComparing(Attempt::attempt);

    /**
     * @param executor which process
     * @param store where it writes
     */
    public record Started(Instant at, String executor, StoreName store) {

        public Started {
            at = Join.micros(at);
        }
    }

    /**
     * @param bytesDone received from the server
     * @param bytesTotal the server's estimate
     * @param bytesStored durable in the store
     */
    public record Progress(Instant at, long bytesDone, long bytesTotal, long bytesStored) {

        public Progress {
            at = Join.micros(at);
        }
    }

    public Attempt {
        completedAt = completedAt.map(Join::micros);
    }

    public static Attempt started(RunId run, AttemptId attempt, Started started) {
        return new Attempt(
                run,
                attempt,
                Optional.of(started),
                Optional.empty(),
                Optional.empty(),
                Optional.empty());
    }

    public static Attempt progressed(RunId run, AttemptId attempt, Progress progress) {
        return new Attempt(
                run,
                attempt,
                Optional.empty(),
                Optional.of(progress),
                Optional.empty(),
                Optional.empty());
    }

    public static Attempt failed(RunId run, AttemptId attempt, Failure failure) {
        return new Attempt(
                run,
                attempt,
                Optional.empty(),
                Optional.empty(),
                Optional.of(failure),
                Optional.empty());
    }

    public static Attempt completed(RunId run, AttemptId attempt, Instant at) {
        return new Attempt(
                run,
                attempt,
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.of(at));
    }

    @Override
    public String id() {
        return run + ":" + attempt;
    }

    @Override
    public Attempt join(Attempt other) {
        return new Attempt(
                run,
                attempt,
                Join.earliest(started, other.started, Started::at),
                Join.latest(progress, other.progress, Progress::at),
                Join.latest(failure, other.failure, Failure::at),
                Join.any(completedAt, other.completedAt));
    }
}
