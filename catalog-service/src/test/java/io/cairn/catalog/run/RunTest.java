package io.cairn.catalog.run;

import static org.assertj.core.api.Assertions.assertThat;

import io.cairn.events.DueCause;
import io.cairn.model.AttemptId;
import io.cairn.model.RunId;
import io.cairn.model.error.ErrorCode;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class RunTest {

    private static final Instant T = Instant.parse("2026-11-22T02:00:00Z");
    private static final RunId ID = RunId.parse("shop:20261122T020000Z-F");
    private static final AttemptId FIRST = new AttemptId("0000000000000001");
    private static final AttemptId SECOND = new AttemptId("0000000000000002");

    private static final Run DUE =
            Run.of(ID).with(new Run.Due(T, T.plusSeconds(3600), DueCause.SCHEDULED));

    @Test
    void aRunThatIsDueIsQueuedUntilAnExecutorStartsIt() {
        assertThat(DUE.state()).isEqualTo(RunState.QUEUED);
        assertThat(DUE.with(started(1, FIRST)).state()).isEqualTo(RunState.RUNNING);
    }

    @Test
    void aFailureThatIsRetriedQueuesTheRunAgainUntilTheNextStart() {
        Run failed = DUE.with(started(1, FIRST)).with(failure(2, true));

        assertThat(failed.state()).isEqualTo(RunState.QUEUED);
        assertThat(failed.join(Run.of(ID).with(started(3, SECOND))).state())
                .isEqualTo(RunState.RUNNING);
    }

    @Test
    void theLastFailureWithoutRetryEndsIt() {
        assertThat(DUE.with(started(1, FIRST)).with(failure(2, false)).state())
                .isEqualTo(RunState.FAILED);
    }

    @Test
    void aFailureInTheVeryMomentOfTheStartCounts() {
        assertThat(DUE.with(started(2, FIRST)).with(failure(2, false)).state())
                .isEqualTo(RunState.FAILED);
    }

    @Test
    void aSkipNeverHidesAFailureOfTheSameMoment() {
        Run run = DUE.with(failure(2, false)).with(new Run.Skipped(T.plusSeconds(2), "too late"));

        assertThat(run.state()).isEqualTo(RunState.FAILED);
    }

    @Test
    void aCommitIsFinalWhateverElseIsTold() {
        Run run =
                DUE.with(started(1, FIRST))
                        .with(new Run.Completed(T.plusSeconds(5), FIRST))
                        .with(started(7, SECOND))
                        .with(failure(9, false))
                        .with(new Run.Skipped(T.plusSeconds(10), "too late"));

        assertThat(run.state()).isEqualTo(RunState.COMPLETED);
    }

    @Test
    void whatNobodyTookInTimeIsOverdue() {
        assertThat(DUE.overdue(T.plusSeconds(3600))).isFalse();
        assertThat(DUE.overdue(T.plusSeconds(3601))).isTrue();
        assertThat(DUE.with(started(1, FIRST)).overdue(T.plusSeconds(3601))).isFalse();
    }

    @Test
    void aRequestHasADeadlineBeforeItsDueEventComes() {
        Run asked = Run.of(ID).with(new Run.Requested(T, "op", Duration.ofMinutes(10)));

        assertThat(asked.startDeadline()).contains(T.plusSeconds(600));
        assertThat(asked.join(DUE).startDeadline()).contains(T.plusSeconds(3600));
    }

    @Test
    void theAttemptThatMadeTheBackupIsTheCurrentOne() {
        Attempt first =
                Attempt.started(ID, FIRST, attemptStarted(1))
                        .join(Attempt.completed(ID, FIRST, T.plusSeconds(9)));
        Attempt second = Attempt.started(ID, SECOND, attemptStarted(5));

        assertThat(new TrackedRun(DUE, List.of(second, first)).current()).contains(second);
        assertThat(
                        new TrackedRun(
                                        DUE.with(new Run.Completed(T.plusSeconds(9), FIRST)),
                                        List.of(first, second))
                                .current())
                .contains(first);
    }

    private static Attempt.Started attemptStarted(int second) {
        return new Attempt.Started(
                T.plusSeconds(second), "executor-1", new io.cairn.model.StoreName("primary"));
    }

    private static Run.Started started(int second, AttemptId attempt) {
        return new Run.Started(T.plusSeconds(second), attempt);
    }

    private static Failure failure(int second, boolean retried) {
        return new Failure(
                T.plusSeconds(second),
                ErrorCode.POSTGRES_UNREACHABLE,
                "no answer",
                Optional.empty(),
                retried);
    }
}
