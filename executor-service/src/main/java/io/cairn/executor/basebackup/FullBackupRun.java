package io.cairn.executor.basebackup;

import io.cairn.events.BackupDue;
import io.cairn.events.BackupFailed;
import io.cairn.events.BackupSkipped;
import io.cairn.events.BackupSuperseded;
import io.cairn.executor.publish.CommitOutcome;
import io.cairn.executor.publish.CommittedBackup;
import io.cairn.executor.publish.RunEvents;
import io.cairn.model.AttemptId;
import io.cairn.model.BackupKind;
import io.cairn.model.backup.BackupLayout;
import io.cairn.model.backup.ClusterRoot;
import io.cairn.model.backup.CommitObject;
import io.cairn.model.error.CairnException;
import io.cairn.model.error.ErrorCategory;
import io.cairn.model.error.ErrorCode;
import io.cairn.postgres.basebackup.ParentManifest;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jboss.logging.Logger;

/**
 * A run of a backup of any kind, from its due event to its end. Idempotent: the same event may come
 * again at any time, here and elsewhere at once, and one backup results. In order:
 *
 * <ol>
 *   <li>A backup of this label is there: its completion is published again.
 *   <li>The cluster's {@linkplain FenceQueue fence} is waited for.
 *   <li>Where an incremental cannot be taken, a log backup or a full is, as a {@linkplain Taking
 *       run of its own} that supersedes it; where none can be taken for good and no WAL is stored,
 *       it is skipped.
 *   <li>{@linkplain FullBackup Attempts} are made, in the first store that is in service; one that
 *       takes nothing is left for the next of the policy's {@linkplain Destinations stores}, at
 *       once and whatever Kafka says. They are made each anew, until one succeeds, the failure is
 *       none that passes by itself, or the limit of attempts or the start deadline is reached. Each
 *       failed one is told.
 *   <li>The end is published, acknowledged by the broker before {@link #run} returns. The commit
 *       object stands before that, so a broker that is away for too long costs nothing but time:
 *       the event comes again, and leads to 1.
 * </ol>
 */
final class FullBackupRun {

    private static final Logger LOG = Logger.getLogger(FullBackupRun.class);

    /**
     * What comes of a server that cannot build on a parent, or whose incremental is not sound; a
     * full can be taken all the same.
     */
    private static final Set<ErrorCode> NO_PARENT =
            EnumSet.of(
                    ErrorCode.KIND_UNSUPPORTED,
                    ErrorCode.MANIFEST_MISMATCH,
                    ErrorCode.POSTGRES_INCREMENTAL_INCOMPLETE,
                    ErrorCode.POSTGRES_SYSTEM_IDENTIFIER_CHANGED,
                    ErrorCode.POSTGRES_TIMELINE_DIVERGED,
                    ErrorCode.POSTGRES_WAL_SUMMARIES_LAGGING,
                    ErrorCode.POSTGRES_WAL_SUMMARIES_MISSING);

    /** As it will be with the next incremental too: hourly ones must not become hourly fulls. */
    private static final Set<ErrorCode> NOT_SET_UP =
            EnumSet.of(
                    ErrorCode.POSTGRES_NOT_PERMITTED,
                    ErrorCode.POSTGRES_SUMMARIZE_WAL_OFF,
                    ErrorCode.STORE_ACCESS_DENIED);

    private static final Set<ErrorCode> ALSO_NO_LOG =
            EnumSet.of(ErrorCode.BACKUP_NOT_FOUND, ErrorCode.WAL_NOT_STORED);

    private final Source source;
    private final Destinations stores;
    private final RunEvents events;
    private final RunSettings settings;
    private final RunClock clock;
    private final FenceQueue fence;
    private FullBackup backup;
    private Parents parents;
    private boolean begun;

    /** Into one store. */
    FullBackupRun(Source source, FullBackup backup, RunEvents events, RunSettings settings) {
        this(
                source,
                Destinations.only(backup.store(), backup.environment().clock()),
                backup,
                events,
                settings);
    }

    /**
     * @param backup into whichever store
     */
    FullBackupRun(
            Source source,
            Destinations stores,
            FullBackup backup,
            RunEvents events,
            RunSettings settings) {
        this.source = source;
        this.stores = stores;
        this.events = events;
        this.settings = settings;
        this.clock = backup.environment().clock();
        this.fence = new FenceQueue(stores, settings, clock);
        this.backup = backup;
        this.parents = parents();
        intoChosen();
    }

    private void intoChosen() {
        backup = backup.into(stores.current(), stores.epoch());
        parents = parents();
    }

    /** An incremental builds on what lies whole in the store that it goes into itself. */
    private Parents parents() {
        return new Parents(backup.store(), backup.keys(), settings.chains());
    }

    /** What one attempt led to. */
    private sealed interface Step {}

    private record Ended(RunOutcome outcome) implements Step {}

    /**
     * @param due what was tried: what was due, or another kind in its place
     * @param attempt absent when it had not begun to stream
     */
    private record Broken(BackupDue due, Optional<AttemptId> attempt, CairnException failure)
            implements Step {}

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
            stores.choose();
            Step step = inSomeStore(due);
            switch (step) {
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
                    if (again) {
                        events.tell(failed(broken, true));
                    } else {
                        events.publish(failed(broken, false));
                        if (!broken.due().equals(due)) {
                            events.publish(
                                    failed(
                                            new Broken(due, Optional.empty(), broken.failure()),
                                            false));
                        }
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

    /** An attempt, and where its store fails, further ones in the others, each anew and at once. */
    private Step inSomeStore(BackupDue due) throws InterruptedException {
        while (true) {
            intoChosen();
            Step step = attempt(due);
            if (!(step instanceof Broken broken) || !stores.leave(broken.failure())) {
                return step;
            }
            // Not published: a broker that is away must not keep the run from the next store.
            events.tell(failed(broken, true));
        }
    }

    private boolean isLate(BackupDue due) {
        return clock.instant().isAfter(due.startDeadline());
    }

    private boolean isWorthwhile(CairnException failure, BackupDue due, Duration pause) {
        return failure.category() == ErrorCategory.TRANSIENT
                && clock.instant().plus(pause).isBefore(due.startDeadline());
    }

    private BackupFailed failed(Broken broken, boolean again) {
        CairnException failure = broken.failure();
        return new BackupFailed(
                broken.due().run(),
                broken.due().tier(),
                broken.attempt(),
                clock.instant(),
                failure.code(),
                failure.getMessage(),
                failure.hint(),
                again);
    }

    private Step attempt(BackupDue due) throws InterruptedException {
        try {
            Optional<CommittedBackup> found =
                    stores.find(commits -> commits.find(due.cluster(), Taking.labels(due)));
            if (found.isPresent()) {
                return new Ended(new RunOutcome.Found(found.get()));
            }
            try (SourceSession session = source.connect(due.run())) {
                return attempt(due, session);
            }
        } catch (RuntimeException e) {
            throwIfInterrupted(e);
            return new Broken(due, Optional.empty(), known(e));
        }
    }

    private Step attempt(BackupDue due, SourceSession session) throws InterruptedException {
        ClusterRoot root = new ClusterRoot(due.cluster(), session.systemIdentifier());
        List<BackupLayout> layouts =
                Taking.labels(due).stream().map(label -> new BackupLayout(root, label)).toList();
        return switch (fence.enter(session, due, layouts, begun)) {
            case FenceEntry.Held _ -> {
                begun = true;
                yield takeKind(due, session);
            }
            case FenceEntry.Done(CommittedBackup done) -> new Ended(new RunOutcome.Found(done));
            case FenceEntry.TooLate(String reason) -> new Ended(new RunOutcome.Skipped(reason));
        };
    }

    private Step takeKind(BackupDue due, SourceSession session) throws InterruptedException {
        return switch (due.kind()) {
            case FULL, SNAPSHOT, LOG -> take(Taking.of(due), session);
            case INCREMENTAL ->
                    session.majorVersion() < ParentManifest.OLDEST_MAJOR
                            ? takeWithoutIncrementals(due, session)
                            : takeIncremental(due, session);
        };
    }

    private Step takeWithoutIncrementals(BackupDue due, SourceSession session)
            throws InterruptedException {
        String reason = "PostgreSQL " + session.majorVersion() + " has no incremental backups";
        Step log = take(Taking.instead(due, BackupKind.LOG, reason), session);
        if (log instanceof Broken broken && ALSO_NO_LOG.contains(broken.failure().code())) {
            return takeInstead(due, broken, reason + ", and a log backup cannot be taken", session);
        }
        return log;
    }

    private Step takeIncremental(BackupDue due, SourceSession session) throws InterruptedException {
        Optional<String> notSetUp = parents.notSetUp();
        if (notSetUp.isPresent()) {
            return logOrNothing(due, notSetUp.get(), session);
        }
        ClusterRoot root = new ClusterRoot(due.cluster(), session.systemIdentifier());
        CommitObject parent;
        try {
            switch (parents.choose(root, due)) {
                case Parents.None(String reason) -> {
                    return full(due, reason, session);
                }
                case Parents.NorFull(String reason) -> {
                    return logOrNothing(due, reason, session);
                }
                case Parents.Parent chosen -> {
                    session.buildOn(chosen.manifest(), settings.chains().summaryWait());
                    parent = chosen.commit();
                }
            }
        } catch (CairnException e) {
            throwIfInterrupted(e);
            if (NOT_SET_UP.contains(e.code())) {
                return logOrNothing(due, e.getMessage(), session);
            }
            return NO_PARENT.contains(e.code())
                    ? full(due, e.getMessage(), session)
                    : new Broken(due, Optional.empty(), e);
        }
        Step step = take(Taking.on(parent, due), session);
        if (step instanceof Broken broken && NO_PARENT.contains(broken.failure().code())) {
            return takeInstead(due, broken, "no incremental can be built", session);
        }
        return step;
    }

    /** No incremental can be taken until somebody changes something, and fulls have their times. */
    private Step logOrNothing(BackupDue due, String reason, SourceSession session)
            throws InterruptedException {
        LOG.warnf("%s is taken as a log backup: %s", due.run(), reason);
        Step log = take(Taking.instead(due, BackupKind.LOG, reason), session);
        if (log instanceof Broken broken && ALSO_NO_LOG.contains(broken.failure().code())) {
            events.publish(failed(broken, false));
            return new Ended(
                    new RunOutcome.Skipped(
                            reason
                                    + ", and a log backup cannot be taken: "
                                    + broken.failure().getMessage()));
        }
        return log;
    }

    private Step takeInstead(BackupDue due, Broken broken, String reason, SourceSession session)
            throws InterruptedException {
        events.tell(failed(broken, true));
        return full(due, reason + ": " + broken.failure().getMessage(), session);
    }

    private Step full(BackupDue due, String reason, SourceSession session)
            throws InterruptedException {
        LOG.warnf("%s is taken as a full: %s", due.run(), reason);
        return take(Taking.instead(due, BackupKind.FULL, reason), session);
    }

    private Step take(Taking taking, SourceSession session) throws InterruptedException {
        AttemptId attempt = AttemptId.random(backup.environment().random());
        try {
            try {
                return new Ended(
                        switch (take(taking, session, attempt)) {
                            case CommitOutcome.Won(CommittedBackup ours) ->
                                    new RunOutcome.Taken(ours);
                            case CommitOutcome.Lost(CommittedBackup winner) ->
                                    new RunOutcome.Found(winner);
                        });
            } catch (RuntimeException e) {
                throwIfInterrupted(e);
                return new Broken(taking.due(), Optional.of(attempt), known(e));
            }
        } catch (InterruptedException e) {
            events.publish(failed(new Broken(taking.due(), Optional.of(attempt), drained()), true));
            throw e;
        }
    }

    private CommitOutcome take(Taking taking, SourceSession session, AttemptId attempt)
            throws InterruptedException {
        return taking.due().kind() == BackupKind.LOG
                ? new LogBackup(backup, session, taking, settings.chains(), attempt, events).take()
                : backup.take(session, taking, attempt, events);
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
            case RunOutcome.Taken(CommittedBackup ours) -> publish(ours, due);
            case RunOutcome.Found(CommittedBackup found) -> publish(found, due);
            case RunOutcome.Skipped(String reason) ->
                    events.publish(
                            new BackupSkipped(due.run(), due.tier(), clock.instant(), reason));
            case RunOutcome.Failed _ ->
                    throw CairnException.bug("a failure is told when it happens");
        }
    }

    /** All of it comes from the commit object, so that a redelivery says the same. */
    private void publish(CommittedBackup backup, BackupDue due) throws InterruptedException {
        events.publish(backup.completed());
        CommitObject commit = backup.commit();
        if (!commit.run().equals(due.run())) {
            events.publish(
                    new BackupSuperseded(
                            due.run(),
                            due.tier(),
                            commit.run(),
                            commit.completedAt(),
                            commit.reason()));
        }
    }
}
