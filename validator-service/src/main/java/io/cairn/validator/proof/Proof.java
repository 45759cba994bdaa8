package io.cairn.validator.proof;

import io.cairn.events.CairnEvent;
import io.cairn.events.DrillSkipped;
import io.cairn.events.RestoreDrillCompleted;
import io.cairn.events.ValidationFailed;
import io.cairn.events.ValidationPassed;
import io.cairn.model.BackupKind;
import io.cairn.model.Lsn;
import io.cairn.model.ObjectKey;
import io.cairn.model.error.CairnException;
import io.cairn.model.error.ErrorCategory;
import io.cairn.model.error.ErrorCode;
import io.cairn.model.record.Caller;
import io.cairn.model.record.ReadLease;
import io.cairn.restore.backup.BackupReader;
import io.cairn.restore.drill.Drill;
import io.cairn.restore.drill.DrillOutcome;
import io.cairn.restore.drill.TargetChoice;
import io.cairn.restore.lease.HeldLease;
import io.cairn.restore.verify.Verification;
import io.cairn.restore.verify.Verifier;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;
import org.jboss.logging.Logger;

/**
 * Proves one copy of a backup, in two stages: every stored byte is read back and compared with the
 * server's manifest; then a real server is restored from it, booted and read. What each stage
 * showed is told at once, so that a long drill does not hold back what is known already.
 * Thread-safe.
 */
public final class Proof {

    private static final Logger LOG = Logger.getLogger(Proof.class);

    private final Verifier verifier;
    private final Drill drill;
    private final InstantSource clock;
    private final RandomGenerator random;

    public Proof(Verifier verifier, Drill drill, InstantSource clock, RandomGenerator random) {
        this.verifier = verifier;
        this.drill = drill;
        this.clock = clock;
        this.random = random;
    }

    /**
     * Both stages; of a log backup, from which no server can be restored, the first.
     *
     * @param rtoObjective what the tier promises
     * @param facts is told the findings; each call returns when the fact is durable
     * @throws CairnException of category {@link ErrorCategory#TRANSIENT}: nothing is proven or
     *     refuted, try again
     */
    public void run(
            BackupReader reader, Subject subject, Duration rtoObjective, Consumer<CairnEvent> facts)
            throws InterruptedException {
        if (verify(reader, subject, facts) && subject.run().label().kind() != BackupKind.LOG) {
            facts.accept(drill(reader, subject, rtoObjective, Optional.empty()));
        }
    }

    /**
     * The first stage. Nothing is told of a backup that has expired meanwhile, or whose keys were
     * shredded; of one that lies in an archive class, that it was skipped.
     *
     * @return whether every byte is as it was stored
     * @throws CairnException as {@link #run}
     */
    public boolean verify(BackupReader reader, Subject subject, Consumer<CairnEvent> facts)
            throws InterruptedException {
        try (HeldLease _ = lease(reader, subject)) {
            return verifyLeased(reader, subject, facts);
        } catch (CairnException e) {
            if (e.code() == ErrorCode.BACKUP_NOT_FOUND && reader.isExpired(subject.layout())) {
                return false;
            }
            throw e;
        }
    }

    /** A drill takes a lease of its own, on all that it builds on. */
    private HeldLease lease(BackupReader reader, Subject subject) {
        return HeldLease.on(
                subject.layout(),
                walFrom(reader, subject),
                reader.store(),
                new HeldLease.Reader(ReadLease.Purpose.VERIFY, Caller.current()),
                clock,
                random,
                problem -> LOG.warnf("%s: %s", subject, problem));
    }

    /** Of a log backup all WAL is read that it stands for. */
    private static Optional<Lsn> walFrom(BackupReader reader, Subject subject) {
        if (subject.run().label().kind() != BackupKind.LOG) {
            return Optional.empty();
        }
        try {
            return reader.find(subject.layout(), subject.attempt())
                    .map(backup -> backup.commit().startLsn());
        } catch (CairnException e) {
            if (e.category() == ErrorCategory.TRANSIENT) {
                throw e;
            }
            // Its verification finds the same, and tells.
            return Optional.empty();
        }
    }

    private boolean verifyLeased(BackupReader reader, Subject subject, Consumer<CairnEvent> facts)
            throws InterruptedException {
        return switch (verifier.verify(reader, subject.layout(), subject.attempt(), _ -> {})) {
            case Verification.Passed passed -> {
                facts.accept(passed(subject, passed));
                yield true;
            }
            case Verification.Failed failed
                    when failed.cause().code() == ErrorCode.STORE_OBJECT_ARCHIVED -> {
                facts.accept(skipped(subject, failed.failedAt(), failed.cause().getMessage()));
                yield false;
            }
            case Verification.Failed failed -> {
                if (!isGoneOnPurpose(reader, subject, failed.cause())) {
                    facts.accept(
                            failed(
                                    subject,
                                    ValidationFailed.BYTES,
                                    failed.failedAt(),
                                    failed.cause(),
                                    Optional.of(failed.object())));
                }
                yield false;
            }
        };
    }

    /** It has expired meanwhile, or its keys were shredded: nothing is wrong with it. */
    private static boolean isGoneOnPurpose(
            BackupReader reader, Subject subject, CairnException cause) {
        return cause.code() == ErrorCode.KEYS_SHREDDED || reader.isExpired(subject.layout());
    }

    /**
     * The second stage.
     *
     * @param target where the WAL behind the backup is replayed to; empty to drill it alone
     * @return what to tell
     * @throws CairnException as {@link #run}
     */
    public CairnEvent drill(
            BackupReader reader,
            Subject subject,
            Duration rtoObjective,
            Optional<TargetChoice> target)
            throws InterruptedException {
        try {
            DrillOutcome outcome = drill.run(reader, subject.layout(), subject.attempt(), target);
            return switch (outcome) {
                case DrillOutcome.Completed completed ->
                        completed(subject, completed, rtoObjective);
                case DrillOutcome.Skipped skipped ->
                        skipped(subject, skipped.skippedAt(), skipped.reason());
            };
        } catch (CairnException e) {
            if (e.category() == ErrorCategory.TRANSIENT) {
                throw e;
            }
            if (e.code() == ErrorCode.KIND_UNSUPPORTED
                    || e.code() == ErrorCode.STORE_OBJECT_ARCHIVED
                    || isGoneOnPurpose(reader, subject, e)) {
                return skipped(subject, clock.instant(), e.getMessage());
            }
            return failed(subject, ValidationFailed.DRILL, clock.instant(), e, Optional.empty());
        }
    }

    /** That a copy could not be drilled, which proves nothing. */
    public DrillSkipped skipped(Subject subject, String reason) {
        return skipped(subject, clock.instant(), reason);
    }

    private static ValidationPassed passed(Subject subject, Verification.Passed passed) {
        return new ValidationPassed(
                subject.run(),
                subject.attempt(),
                subject.store(),
                passed.startedAt(),
                passed.completedAt(),
                passed.objects(),
                passed.bytesRead(),
                passed.files());
    }

    private static ValidationFailed failed(
            Subject subject,
            String stage,
            Instant at,
            CairnException cause,
            Optional<ObjectKey> object) {
        return new ValidationFailed(
                subject.run(),
                subject.attempt(),
                subject.store(),
                stage,
                at,
                cause.code(),
                cause.getMessage(),
                cause.hint(),
                object);
    }

    private static DrillSkipped skipped(Subject subject, Instant at, String reason) {
        return new DrillSkipped(subject.run(), subject.attempt(), subject.store(), at, reason);
    }

    private static RestoreDrillCompleted completed(
            Subject subject, DrillOutcome.Completed completed, Duration rtoObjective) {
        completed.notes().forEach(note -> LOG.warnf("%s: not checked: %s", subject, note));
        return new RestoreDrillCompleted(
                subject.run(),
                subject.attempt(),
                subject.store(),
                completed.startedAt(),
                completed.completedAt(),
                completed.rto(),
                rtoObjective,
                completed.databases(),
                completed.tables(),
                completed.rows(),
                completed.amcheck(),
                Optional.of(
                        new RestoreDrillCompleted.Restored(completed.chain(), completed.bytes())),
                completed
                        .pointInTime()
                        .map(reached ->
                                new RestoreDrillCompleted.PointInTime(
                                        reached.target(), reached.reached(), reached.walBytes())),
                Optional.empty());
    }
}
