package io.cairn.catalog.sql;

import io.cairn.catalog.run.Failure;
import io.cairn.catalog.run.Run;
import io.cairn.events.DueCause;
import io.cairn.model.AttemptId;
import io.cairn.model.RunId;
import io.cairn.model.Tier;
import io.cairn.model.error.ErrorCode;
import jakarta.persistence.Entity;
import jakarta.persistence.Id;
import jakarta.persistence.Table;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

@Entity
@Table(name = "run")
class RunRow implements FactRow<Run> {

    @Id String id;

    String cluster;
    String label;
    String kind;
    @Nullable String tier;
    String state;
    @Nullable Instant requestedAt;
    @Nullable String requestedBy;
    @Nullable Long requestAllowsMillis;
    @Nullable Instant dueAt;
    @Nullable Instant startDeadline;
    @Nullable String cause;
    @Nullable Instant startedAt;
    @Nullable String startedAttempt;
    @Nullable Instant failedAt;
    @Nullable String failedCode;
    @Nullable String failedMessage;
    @Nullable String failedHint;
    @Nullable Boolean failedRetried;
    @Nullable Instant completedAt;
    @Nullable String completedAttempt;
    @Nullable Instant skippedAt;
    @Nullable String skippedReason;
    @Nullable Instant supersededAt;
    @Nullable String supersededBy;

    @Override
    public Run fact() {
        return new Run(
                RunId.parse(id),
                Optional.ofNullable(tier).map(Tier::parse),
                Optional.ofNullable(requestedAt)
                        .map(at ->
                                new Run.Requested(
                                        at, requestedBy, Duration.ofMillis(requestAllowsMillis))),
                Optional.ofNullable(dueAt)
                        .map(at -> new Run.Due(at, startDeadline, DueCause.parse(cause))),
                Optional.ofNullable(startedAt)
                        .map(at -> new Run.Started(at, new AttemptId(startedAttempt))),
                Optional.ofNullable(failedAt).map(this::failure),
                Optional.ofNullable(completedAt)
                        .map(at -> new Run.Completed(at, new AttemptId(completedAttempt))),
                Optional.ofNullable(skippedAt).map(at -> new Run.Skipped(at, skippedReason)),
                Optional.ofNullable(supersededAt)
                        .map(at -> new Run.Superseded(at, RunId.parse(supersededBy))));
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
    public void set(Run fact) {
        id = fact.id();
        cluster = fact.cluster().value();
        label = fact.run().label().value();
        kind = fact.kind().id();
        tier = fact.tier().map(Tier::id).orElse(null);
        state = fact.state().id();
        fact.requested()
                .ifPresent(requested -> {
                    requestedAt = requested.at();
                    requestedBy = requested.by();
                    requestAllowsMillis = requested.startDeadline().toMillis();
                });
        fact.due()
                .ifPresent(due -> {
                    dueAt = due.at();
                    startDeadline = due.startDeadline();
                    cause = due.cause().id();
                });
        fact.started()
                .ifPresent(started -> {
                    startedAt = started.at();
                    startedAttempt = started.attempt().value();
                });
        fact.failed()
                .ifPresent(failure -> {
                    failedAt = failure.at();
                    failedCode = failure.code().name();
                    failedMessage = failure.message();
                    failedHint = failure.hint().orElse(null);
                    failedRetried = failure.retried();
                });
        fact.completed()
                .ifPresent(completed -> {
                    completedAt = completed.at();
                    completedAttempt = completed.attempt().value();
                });
        fact.skipped()
                .ifPresent(skipped -> {
                    skippedAt = skipped.at();
                    skippedReason = skipped.reason();
                });
        fact.superseded()
                .ifPresent(superseded -> {
                    supersededAt = superseded.at();
                    supersededBy = superseded.by().toString();
                });
    }
}
