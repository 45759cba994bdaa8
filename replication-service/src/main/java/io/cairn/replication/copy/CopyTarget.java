package io.cairn.replication.copy;

import io.cairn.events.BackupCompleted;
import io.cairn.events.BackupReplicated;
import io.cairn.events.EventEnvelope;
import io.cairn.events.ValidationFailed;
import io.cairn.model.AttemptId;
import io.cairn.model.ObjectKey;
import io.cairn.model.RunId;
import io.cairn.model.StoreName;
import io.cairn.model.error.CairnException;
import io.cairn.replication.lag.LagTracker;
import io.cairn.replication.route.Copy;
import io.cairn.service.events.EventPublisher;
import io.cairn.service.storage.Stores;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantLock;
import org.jboss.logging.Logger;

/** One store that holds copies, and all that is done to keep it whole. Thread-safe; blocks. */
public final class CopyTarget {

    private static final Logger LOG = Logger.getLogger(CopyTarget.class);

    private final StoreName name;
    private final Stores stores;
    private final EagerCopies eager;
    private final BackupCopier copier;
    private final Patience patience;
    private final Telling telling;
    private final ReentrantLock catchingUp = new ReentrantLock();
    private volatile WhenBack whenBack = () -> {};
    private final AtomicLong caughtUp = new AtomicLong();

    /** What is done when the store is back after work for it had to wait. */
    @FunctionalInterface
    public interface WhenBack {

        /**
         * @throws CairnException a {@code STORE_…} code, if a store cannot be used now
         */
        void run() throws InterruptedException;
    }

    /** Whom to tell what has become of a copy. */
    record Telling(EventPublisher events, LagTracker lag, CopyMeters meters, InstantSource clock) {}

    /** A backup in its source. */
    private record Backup(RunId run, StoreName source, ObjectKey commit, Instant storedAt) {

        Copy copy(StoreName target) {
            return new Copy(run.cluster(), target);
        }
    }

    CopyTarget(
            StoreName name,
            Stores stores,
            EagerCopies eager,
            BackupCopier copier,
            Patience patience,
            Telling telling) {
        this.name = name;
        this.stores = stores;
        this.eager = eager;
        this.copier = copier;
        this.patience = patience;
        this.telling = telling;
    }

    public StoreName name() {
        return name;
    }

    /**
     * @param work makes whole what was stored meanwhile, in the order in which it is wanted; events
     *     come in the order in which it was stored
     */
    public void whenBack(WhenBack work) {
        whenBack = work;
    }

    EagerCopies eager() {
        return eager;
    }

    /**
     * Makes the copy of a backup whole that an event told of, and publishes that; waits while a
     * store is away.
     */
    BackupCopy complete(BackupCompleted completed, EventEnvelope<?> cause)
            throws InterruptedException {
        Backup backup =
                new Backup(
                        completed.run(),
                        completed.store(),
                        completed.commit().key(),
                        completed.completedAt());
        try {
            Patience.Work<BackupCopy> work =
                    () ->
                            copier.copy(
                                    completed.commit(),
                                    completed.attempt(),
                                    stores.store(completed.store()));
            telling.lag().missing(backup.copy(name), backup.commit(), backup.storedAt());
            BackupCopy outcome =
                    patience.untilDone(
                            "The copy of " + backup.run() + " in store '" + name + "'",
                            work,
                            () -> {
                                catchUp();
                                return work.run();
                            });
            return told(backup, outcome, Optional.of(completed.attempt()), Optional.of(cause));
        } catch (RuntimeException | InterruptedException e) {
            // Whoever gets the event next counts it again, and that may be another process.
            telling.lag().settled(backup.copy(name), backup.commit());
            throw e;
        }
    }

    /** Of several who waited, one does it for all. */
    private void catchUp() throws InterruptedException {
        long seen = caughtUp.get();
        catchingUp.lockInterruptibly();
        try {
            if (caughtUp.get() == seen) {
                whenBack.run();
                caughtUp.incrementAndGet();
            }
        } finally {
            catchingUp.unlock();
        }
    }

    /**
     * Makes the copy of a backup whole that was found by listing, and publishes that.
     *
     * @param storedAt when its commit object was written
     * @throws CairnException a {@code STORE_…} code, if a store cannot be used now: it stays
     *     missing
     */
    public BackupCopy complete(RunId run, StoreName source, ObjectKey commit, Instant storedAt)
            throws InterruptedException {
        Backup backup = new Backup(run, source, commit, storedAt);
        telling.lag().missing(backup.copy(name), commit, storedAt);
        return told(
                backup,
                copier.copy(commit, stores.store(source)),
                Optional.empty(),
                Optional.empty());
    }

    private BackupCopy told(
            Backup backup,
            BackupCopy outcome,
            Optional<AttemptId> attempt,
            Optional<EventEnvelope<?>> cause) {
        switch (outcome) {
            case BackupCopy.Complete complete -> completed(backup, complete, cause);
            case BackupCopy.SourceGone _ -> {
                LOG.infof(
                        "Not copied: %s is not in store '%s' any more",
                        backup.run(), backup.source());
                settle(backup);
            }
            case BackupCopy.Refused refused ->
                    refused(backup, refused, refused.attempt().or(() -> attempt), cause);
        }
        return outcome;
    }

    private void completed(
            Backup backup, BackupCopy.Complete complete, Optional<EventEnvelope<?>> cause) {
        telling.events()
                .publish(
                        new BackupReplicated(
                                backup.run(),
                                complete.commit().attempt(),
                                backup.source(),
                                name,
                                complete.replicatedAt(),
                                complete.lag(),
                                complete.objects(),
                                complete.bytesCopied()),
                        cause);
        telling.meters().copied(complete.bytesCopied());
        telling.lag().whole(backup.copy(name), backup.storedAt());
        settle(backup);
        LOG.infof(
                "%s is whole in store '%s': %d objects, %d bytes at its end, %d s behind",
                backup.run(),
                name,
                complete.objects(),
                complete.bytesCopied(),
                complete.lag().toSeconds());
    }

    private void settle(Backup backup) {
        telling.lag().settled(backup.copy(name), backup.commit());
        eager.ended(backup.run());
    }

    /** It stays missing, so that the lag tells of it until the backup is copied or gone. */
    private void refused(
            Backup backup,
            BackupCopy.Refused refused,
            Optional<AttemptId> attempt,
            Optional<EventEnvelope<?>> cause) {
        LOG.errorf(
                "%s is not copied to store '%s': %s: %s",
                backup.run(), name, refused.why().code(), refused.why().messageWithHint());
        telling.meters().refused(refused.why());
        eager.ended(backup.run());
        attempt.ifPresent(known ->
                telling.events()
                        .publish(
                                new ValidationFailed(
                                        backup.run(),
                                        known,
                                        refused.store(),
                                        ValidationFailed.BYTES,
                                        telling.clock().instant(),
                                        refused.why().code(),
                                        refused.why().getMessage(),
                                        refused.why().hint(),
                                        Optional.of(refused.object())),
                                cause));
    }
}
