package io.cairn.catalog.run.rest;

import io.cairn.catalog.rest.ErrorView;
import io.cairn.catalog.run.Attempt;
import java.time.Instant;
import java.util.Optional;

/** One try of an executor at a run. */
record AttemptView(
        String attempt,
        Optional<String> executor,
        Optional<String> store,
        Optional<Instant> startedAt,
        Optional<Instant> progressedAt,
        Optional<Long> bytesDone,
        Optional<Long> bytesTotal,
        Optional<Long> bytesStored,
        Optional<Instant> completedAt,
        Optional<ErrorView> error) {

    static AttemptView of(Attempt attempt) {
        return new AttemptView(
                attempt.attempt().value(),
                attempt.started().map(Attempt.Started::executor),
                attempt.started().map(started -> started.store().value()),
                attempt.started().map(Attempt.Started::at),
                attempt.progress().map(Attempt.Progress::at),
                attempt.progress().map(Attempt.Progress::bytesDone),
                attempt.progress().map(Attempt.Progress::bytesTotal),
                attempt.progress().map(Attempt.Progress::bytesStored),
                attempt.completedAt(),
                attempt.failure().map(RunView::error));
    }
}
