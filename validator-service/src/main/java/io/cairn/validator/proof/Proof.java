package io.cairn.validator.proof;

import io.cairn.events.CairnEvent;
import io.cairn.events.DrillSkipped;
import io.cairn.events.RestoreDrillCompleted;
import io.cairn.events.ValidationFailed;
import io.cairn.events.ValidationPassed;
import io.cairn.model.ObjectKey;
import io.cairn.model.error.CairnException;
import io.cairn.model.error.ErrorCategory;
import io.cairn.model.error.ErrorCode;
import io.cairn.restore.backup.BackupReader;
import io.cairn.restore.drill.Drill;
import io.cairn.restore.drill.DrillOutcome;
import io.cairn.restore.verify.Verification;
import io.cairn.restore.verify.Verifier;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import java.util.function.Consumer;
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

    public Proof(Verifier verifier, Drill drill, InstantSource clock) {
        this.verifier = verifier;
        this.drill = drill;
        this.clock = clock;
    }

    /**
     * @param rtoObjective what the tier promises
     * @param facts is told the findings; each call returns when the fact is durable
     * @throws CairnException of category {@link ErrorCategory#TRANSIENT}: nothing is proven or
     *     refuted, try again
     */
    public void run(
            BackupReader reader, Subject subject, Duration rtoObjective, Consumer<CairnEvent> facts)
            throws InterruptedException {
        switch (verifier.verify(reader, subject.layout(), _ -> {})) {
            case Verification.Passed passed when isAnother(subject, passed) ->
                    facts.accept(
                            failed(
                                    subject,
                                    ValidationFailed.BYTES,
                                    passed.completedAt(),
                                    superseded(subject, passed),
                                    Optional.empty()));
            case Verification.Passed passed -> {
                facts.accept(passed(subject, passed));
                facts.accept(drilled(reader, subject, rtoObjective));
            }
            case Verification.Failed failed ->
                    facts.accept(
                            failed(
                                    subject,
                                    ValidationFailed.BYTES,
                                    failed.failedAt(),
                                    failed.cause(),
                                    Optional.of(failed.object())));
        }
    }

    /** Two attempts may have told of the same run; only one of them is the backup. */
    private static boolean isAnother(Subject subject, Verification.Passed passed) {
        return !passed.backup().commit().attempt().equals(subject.attempt());
    }

    private static CairnException superseded(Subject subject, Verification.Passed passed) {
        return new CairnException(
                ErrorCode.COMMIT_INVALID,
                "attempt "
                        + subject.attempt()
                        + " of "
                        + subject
                        + " is not the one that is committed, which is "
                        + passed.backup().commit().attempt(),
                "nothing is lost: the committed attempt is whole");
    }

    private CairnEvent drilled(BackupReader reader, Subject subject, Duration rtoObjective)
            throws InterruptedException {
        try {
            return switch (drill.run(reader, subject.layout())) {
                case DrillOutcome.Completed completed ->
                        completed(subject, completed, rtoObjective);
                case DrillOutcome.Skipped skipped ->
                        skipped(subject, skipped.skippedAt(), skipped.reason());
            };
        } catch (CairnException e) {
            if (e.category() == ErrorCategory.TRANSIENT) {
                throw e;
            }
            if (e.code() == ErrorCode.KIND_UNSUPPORTED) {
                return skipped(subject, clock.instant(), e.getMessage());
            }
            return failed(subject, ValidationFailed.DRILL, clock.instant(), e, Optional.empty());
        }
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
                completed.amcheck());
    }
}
