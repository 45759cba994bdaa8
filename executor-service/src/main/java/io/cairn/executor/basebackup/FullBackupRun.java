package io.cairn.executor.basebackup;

import io.cairn.events.BackupDue;
import io.cairn.events.BackupFailed;
import io.cairn.events.BackupSkipped;
import io.cairn.executor.publish.CommitOutcome;
import io.cairn.executor.publish.Commits;
import io.cairn.executor.publish.CommittedBackup;
import io.cairn.executor.publish.RunEvents;
import io.cairn.model.AttemptId;
import io.cairn.model.backup.BackupLayout;
import io.cairn.model.backup.ClusterRoot;
import io.cairn.model.error.CairnException;
import io.cairn.model.error.ErrorCategory;
import io.cairn.model.error.ErrorCode;
import java.time.Duration;
import java.util.Optional;
import org.jboss.logging.Logger;

/**
 * A run of a full backup, from its due event to its end. Idempotent: the same event may come again
 * at any time, here and elsewhere at once, and one backup results. In order:
 *
 * <ol>
 *   <li>A backup of this label is there: its completion is published again.
 *   <li>The cluster's {@linkplain FenceQueue fence} is waited for.
 *   <li>{@linkplain FullBackup Attempts} are made, each anew, until one succeeds, the failure is
 *       none that passes by itself, or the limit of attempts or the start deadline is reached. Each
 *       failed one is told.
 *   <li>The end is published, acknowledged by the broker before {@link #run} returns. The commit
 *       object stands before that, so a broker that is away for too long costs nothing but time:
 *       the event comes again, and leads to 1.
 * </ol>
 */
final class FullBackupRun {

    private static final Logger LOG = Logger.getLogger(FullBackupRun.class);

    private final Source source;
    private final FullBackup backup;
    private final RunEvents events;
    private final RunSettings settings;
    private final RunClock clock;
    private final Commits commits;
    private final FenceQueue fence;

    FullBackupRun(Source source, FullBackup backup, RunEvents events, RunSettings settings) {
        this.source = source;
        this.backup = backup;
        this.events = events;
        this.settings = settings;
        this.clock = backup.environment().clock();
        this.commits = new Commits(backup.store());
        this.fence = new FenceQueue(backup.store(), settings, clock);
    }

    /** What one attempt led to. */
    private sealed interface Step {}

    private record Ended(RunOutcome outcome) implements Step {}

    /**
     * @param attempt absent when it had not begun to stream
     */
    private record Broken(Optional<AttemptId> attempt, CairnException failure) implements Step {}

    /**
     * Runs to the end.
     *
     * @throws CairnException {@link ErrorCode#BROKER_UNREACHABLE} when the end could not be
     *     published in time; the event must be delivered again
     * @throws InterruptedException when the executor stops; no backup is visible, the event must be
     *     delivered again
     */
    RunOutcome run(BackupDue due) throws InterruptedException {
        boolean late = isLate(due);
        for (int number = 1; ; number++) {
            switch (attempt(due)) {
                case Ended ended -> {
                    publish(ended.outcome(), due);
                    return ended.outcome();
                }
                case Broken broken when late -> {
                    RunOutcome skipped =
                            new RunOutcome.Skipped(
                                    "its start deadline "
                                            + due.startDeadline()
                                            + " had passed, and whether it runs elsewhere is unknown: "
                                            + broken.failure().getMessage());
                    publish(skipped, due);
                    return skipped;
                }
                case Broken broken -> {
                    Duration pause = settings.pauseAfter(number);
                    boolean again =
                            number < settings.attempts()
                                    && isWorthwhile(broken.failure(), due, pause);
                    events.publish(failed(due, broken, again));
                    if (!again) {
                        return new RunOutcome.Failed(broken.failure());
                    }
                    LOG.warnf(
                            "%s: attempt %d of %d failed, the next begins in %s: %s: %s",
                            due.run(),
                            number,
                            settings.attempts(),
                            pause,
                            broken.failure().code(),
                            broken.failure().messageWithHint());
                    clock.pause(pause);
                }
            }
        }
    }

    private boolean isLate(BackupDue due) {
        return clock.instant().isAfter(due.startDeadline());
    }

    private boolean isWorthwhile(CairnException failure, BackupDue due, Duration pause) {
        return failure.category() == ErrorCategory.TRANSIENT
                && clock.instant().plus(pause).isBefore(due.startDeadline());
    }

    private BackupFailed failed(BackupDue due, Broken broken, boolean again) {
        CairnException failure = broken.failure();
        return new BackupFailed(
                due.run(),
                due.tier(),
                broken.attempt(),
                clock.instant(),
                failure.code(),
                failure.getMessage(),
                failure.hint(),
                again);
    }

    private Step attempt(BackupDue due) throws InterruptedException {
        try {
            Optional<CommittedBackup> found = commits.find(due.cluster(), due.run().label());
            if (found.isPresent()) {
                return new Ended(new RunOutcome.Found(found.get()));
            }
            try (SourceSession session = source.connect(due.run())) {
                return attempt(due, session);
            }
        } catch (RuntimeException e) {
            throwIfInterrupted(e);
            return new Broken(Optional.empty(), known(e));
        }
    }

    private Step attempt(BackupDue due, SourceSession session) throws InterruptedException {
        ClusterRoot root = new ClusterRoot(due.cluster(), session.systemIdentifier());
        return switch (fence.enter(session, due, new BackupLayout(root, due.run().label()))) {
            case FenceEntry.Held _ -> take(due, session);
            case FenceEntry.Done(CommittedBackup done) -> new Ended(new RunOutcome.Found(done));
            case FenceEntry.TooLate(String reason) -> new Ended(new RunOutcome.Skipped(reason));
        };
    }

    private Step take(BackupDue due, SourceSession session) throws InterruptedException {
        AttemptId attempt = AttemptId.random(backup.environment().random());
        try {
            try {
                return new Ended(
                        switch (backup.take(session, due, attempt, events)) {
                            case CommitOutcome.Won(CommittedBackup ours) ->
                                    new RunOutcome.Taken(ours);
                            case CommitOutcome.Lost(CommittedBackup winner) ->
                                    new RunOutcome.Found(winner);
                        });
            } catch (RuntimeException e) {
                throwIfInterrupted(e);
                return new Broken(Optional.of(attempt), known(e));
            }
        } catch (InterruptedException e) {
            events.publish(failed(due, new Broken(Optional.of(attempt), drained()), true));
            throw e;
        }
    }

    /** A defect of ours ends the run as any other failure does: told, with a code. */
    private static CairnException known(RuntimeException failure) {
        return failure instanceof CairnException known
                ? known
                : new CairnException(
                        ErrorCode.INTERNAL,
                        "the run ended with " + failure,
                        "this is a defect in Cairn; please report it with the executor's log",
                        failure);
    }

    private static CairnException drained() {
        return new CairnException(
                ErrorCode.RUN_DRAINED,
                "the executor was stopped before the backup was complete",
                "the run is repeated, by another executor or when this one is back");
    }

    /** A virtual thread that is interrupted in a socket gets an error of the socket. */
    private static void throwIfInterrupted(RuntimeException failure) throws InterruptedException {
        if (Thread.interrupted()) {
            throw (InterruptedException)
                    new InterruptedException("the executor stops").initCause(failure);
        }
    }

    private void publish(RunOutcome outcome, BackupDue due) throws InterruptedException {
        switch (outcome) {
            case RunOutcome.Taken(CommittedBackup ours) -> events.publish(ours.completed());
            case RunOutcome.Found(CommittedBackup found) -> events.publish(found.completed());
            case RunOutcome.Skipped(String reason) ->
                    events.publish(
                            new BackupSkipped(due.run(), due.tier(), clock.instant(), reason));
            case RunOutcome.Failed _ ->
                    throw CairnException.bug("a failure is told when it happens");
        }
    }
}
