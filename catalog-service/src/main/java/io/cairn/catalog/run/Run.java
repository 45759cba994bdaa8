package io.cairn.catalog.run;

import io.cairn.catalog.fact.Fact;
import io.cairn.catalog.fact.Join;
import io.cairn.events.DueCause;
import io.cairn.model.AttemptId;
import io.cairn.model.BackupKind;
import io.cairn.model.ClusterName;
import io.cairn.model.RunId;
import io.cairn.model.Tier;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/**
 * A run as far as it is known.
 *
 * @param tier absent while only facts without a tier have come
 * @param requested the first request for it
 * @param started the latest start of an attempt
 * @param failed the latest failure, of an attempt or before one
 */
public record Run(
        RunId run,
        Optional<Tier> tier,
        Optional<Requested> requested,
        Optional<Due> due,
        Optional<Started> started,
        Optional<Failure> failed,
        Optional<Completed> completed,
        Optional<Skipped> skipped,
        Optional<Superseded> superseded)
        implements Fact<Run> {

    /**
     * @param startDeadline how long after the request it may still start
     */
    public record Requested(Instant at, String by, Duration startDeadline) {

        public Requested {
            at = Join.micros(at);
            startDeadline = Join.millis(startDeadline);
        }
    }

    public record Due(Instant at, Instant startDeadline, DueCause cause) {

        public Due {
            at = Join.micros(at);
            startDeadline = Join.micros(startDeadline);
        }
    }

    public record Started(Instant at, AttemptId attempt) {

        public Started {
            at = Join.micros(at);
        }
    }

    public record Completed(Instant at, AttemptId attempt) {

        public Completed {
            at = Join.micros(at);
        }
    }

    public record Skipped(Instant at, String reason) {

        public Skipped {
            at = Join.micros(at);
        }
    }

    public record Superseded(Instant at, RunId by) {

        public Superseded {
            at = Join.micros(at);
        }
    }

    /** A run of which nothing is known but that there is one. */
    public static Run of(RunId run) {
        return new Run(
                run,
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty());
    }

    public Run in(Tier tier) {
        return new Run(
                run,
                Optional.of(tier),
                requested,
                due,
                started,
                failed,
                completed,
                skipped,
                superseded);
    }

    public Run with(Requested requested) {
        return new Run(
                run,
                tier,
                Optional.of(requested),
                due,
                started,
                failed,
                completed,
                skipped,
                superseded);
    }

    public Run with(Due due) {
        return new Run(
                run,
                tier,
                requested,
                Optional.of(due),
                started,
                failed,
                completed,
                skipped,
                superseded);
    }

    public Run with(Started started) {
        return new Run(
                run,
                tier,
                requested,
                due,
                Optional.of(started),
                failed,
                completed,
                skipped,
                superseded);
    }

    public Run with(Failure failed) {
        return new Run(
                run,
                tier,
                requested,
                due,
                started,
                Optional.of(failed),
                completed,
                skipped,
                superseded);
    }

    public Run with(Completed completed) {
        return new Run(
                run,
                tier,
                requested,
                due,
                started,
                failed,
                Optional.of(completed),
                skipped,
                superseded);
    }

    public Run with(Skipped skipped) {
        return new Run(
                run,
                tier,
                requested,
                due,
                started,
                failed,
                completed,
                Optional.of(skipped),
                superseded);
    }

    public Run with(Superseded superseded) {
        return new Run(
                run,
                tier,
                requested,
                due,
                started,
                failed,
                completed,
                skipped,
                Optional.of(superseded));
    }

    @Override
    public String id() {
        return run.toString();
    }

    public ClusterName cluster() {
        return run.cluster();
    }

    public BackupKind kind() {
        return run.label().kind();
    }

    @Override
    public Run join(Run other) {
        return new Run(
                run,
                Join.any(tier, other.tier),
                Join.earliest(requested, other.requested, Requested::at),
                Join.earliest(due, other.due, Due::at),
                Join.latest(started, other.started, Started::at),
                Join.latest(failed, other.failed, Failure::at),
                Join.earliest(completed, other.completed, Completed::at),
                Join.latest(skipped, other.skipped, Skipped::at),
                Join.earliest(superseded, other.superseded, Superseded::at));
    }

    /**
     * A commit object is final, whatever else was told. Otherwise the last of start, failure and
     * skip decides, since a run that failed is tried again.
     */
    public RunState state() {
        if (completed.isPresent()) {
            return RunState.COMPLETED;
        }
        if (superseded.isPresent()) {
            return RunState.SUPERSEDED;
        }
        Instant start = started.map(Started::at).orElse(Instant.MIN);
        Instant failure = failed.map(Failure::at).orElse(Instant.MIN);
        Instant skip = skipped.map(Skipped::at).orElse(Instant.MIN);
        if (skipped.isPresent() && skip.compareTo(start) >= 0 && skip.isAfter(failure)) {
            return RunState.SKIPPED;
        }
        if (failed.isPresent() && failure.compareTo(start) >= 0) {
            return failed.get().retried() ? RunState.QUEUED : RunState.FAILED;
        }
        return started.isPresent() ? RunState.RUNNING : RunState.QUEUED;
    }

    /** When it must have started; absent while neither its due event nor a request was seen. */
    public Optional<Instant> startDeadline() {
        return due.map(Due::startDeadline)
                .or(() -> requested.map(request -> request.at().plus(request.startDeadline())));
    }

    /** Still waiting although its start deadline has passed: nobody took it and nobody said so. */
    public boolean overdue(Instant now) {
        return state() == RunState.QUEUED && startDeadline().filter(now::isAfter).isPresent();
    }
}
