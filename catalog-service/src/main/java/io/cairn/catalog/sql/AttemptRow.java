package io.cairn.catalog.sql;

import io.cairn.catalog.run.Attempt;
import io.cairn.catalog.run.Failure;
import io.cairn.model.AttemptId;
import io.cairn.model.RunId;
import io.cairn.model.StoreName;
import io.cairn.model.error.ErrorCode;
import jakarta.persistence.Entity;
import jakarta.persistence.Id;
import jakarta.persistence.Table;
import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

@Entity
@Table(name = "attempt")
class AttemptRow implements FactRow<Attempt> {

    @Id String id;

    String run;
    String attempt;
    @Nullable Instant startedAt;
    @Nullable String executor;
    @Nullable String store;
    @Nullable Instant progressedAt;
    @Nullable Long bytesDone;
    @Nullable Long bytesTotal;
    @Nullable Long bytesStored;
    @Nullable Instant failedAt;
    @Nullable String failedCode;
    @Nullable String failedMessage;
    @Nullable String failedHint;
    @Nullable Boolean failedRetried;
    @Nullable Instant completedAt;

    @Override
    public Attempt fact() {
        return new Attempt(
                RunId.parse(run),
                new AttemptId(attempt),
                Optional.ofNullable(startedAt)
                        .map(at -> new Attempt.Started(at, executor, new StoreName(store))),
                Optional.ofNullable(progressedAt)
                        .map(at -> new Attempt.Progress(at, bytesDone, bytesTotal, bytesStored)),
                Optional.ofNullable(failedAt).map(this::failure),
                Optional.ofNullable(completedAt));
    }

    private Failure failure(Instant at) {
        return new Failure(
                at,
                ErrorCode.valueOf(failedCode),
                failedMessage,
                Optional.ofNullable(failedHint),
                failedRetried);
    }

    @Override
    public void set(Attempt fact) {
        id = fact.id();
        run = fact.run().toString();
        attempt = fact.attempt().value();
        fact.started()
                .ifPresent(started -> {
                    startedAt = started.at();
                    executor = started.executor();
                    store = started.store().value();
                });
        fact.progress()
                .ifPresent(progress -> {
                    progressedAt = progress.at();
                    bytesDone = progress.bytesDone();
                    bytesTotal = progress.bytesTotal();
                    bytesStored = progress.bytesStored();
                });
        fact.failure()
                .ifPresent(failure -> {
                    failedAt = failure.at();
                    failedCode = failure.code().name();
                    failedMessage = failure.message();
                    failedHint = failure.hint().orElse(null);
                    failedRetried = failure.retried();
                });
        completedAt = fact.completedAt().orElse(null);
    }
}
