package io.cairn.catalog.run.rest;

import io.cairn.catalog.rest.ErrorView;
import io.cairn.catalog.run.Attempt;
import io.cairn.catalog.run.Failure;
import io.cairn.catalog.run.Run;
import io.cairn.catalog.run.TrackedRun;
import io.cairn.events.DueCause;
import io.cairn.model.RunId;
import io.cairn.model.Tier;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.eclipse.microprofile.openapi.annotations.media.Schema;

/**
 * A run as the API shows it. Executor, store and bytes are those of the attempt that made the
 * backup, or else of the latest.
 *
 * @param overdue waiting although its start deadline has passed: nobody took it
 * @param error the last failure, unless the run was completed after all
 * @param reason why it was skipped
 */
public record RunView(
        String run,
        String cluster,
        String label,
        String kind,
        Optional<String> tier,
        @Schema(enumeration = {"queued", "running", "completed", "failed", "skipped", "superseded"})
                String state,
        boolean overdue,
        Optional<Instant> requestedAt,
        Optional<String> requestedBy,
        Optional<Instant> dueAt,
        Optional<Instant> startDeadline,
        Optional<String> cause,
        Optional<Instant> startedAt,
        Optional<Instant> completedAt,
        Optional<String> attempt,
        Optional<String> executor,
        Optional<String> store,
        Optional<Instant> progressedAt,
        Optional<Long> bytesDone,
        Optional<Long> bytesTotal,
        Optional<Long> bytesStored,
        Optional<ErrorView> error,
        Optional<String> reason,
        Optional<String> supersededBy,
        List<AttemptView> attempts) {

    static RunView of(TrackedRun tracked, Instant now) {
        Run run = tracked.run();
        Optional<Attempt> current = tracked.current();
        Optional<Attempt.Progress> progress = current.flatMap(Attempt::progress);
        return new RunView(
                run.id(),
                run.cluster().value(),
                run.run().label().value(),
                run.kind().id(),
                run.tier().map(Tier::id),
                run.state().id(),
                run.overdue(now),
                run.requested().map(Run.Requested::at),
                run.requested().map(Run.Requested::by),
                run.due().map(Run.Due::at),
                run.startDeadline(),
                run.due().map(Run.Due::cause).map(DueCause::id),
                current.flatMap(Attempt::started).map(Attempt.Started::at),
                run.completed().map(Run.Completed::at),
                current.map(one -> one.attempt().value()),
                current.flatMap(Attempt::started).map(Attempt.Started::executor),
                current.flatMap(Attempt::started).map(started -> started.store().value()),
                progress.map(Attempt.Progress::at),
                progress.map(Attempt.Progress::bytesDone),
                progress.map(Attempt.Progress::bytesTotal),
                progress.map(Attempt.Progress::bytesStored),
                run.completed().isPresent() ? Optional.empty() : run.failed().map(RunView::error),
                run.skipped().map(Run.Skipped::reason),
                run.superseded().map(Run.Superseded::by).map(RunId::toString),
                tracked.attempts().stream().map(AttemptView::of).toList());
    }

    static ErrorView error(Failure failure) {
        return ErrorView.of(failure.code(), failure.message(), failure.hint(), failure.at());
    }
}
