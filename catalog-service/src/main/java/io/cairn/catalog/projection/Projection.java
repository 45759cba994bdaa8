package io.cairn.catalog.projection;

import static io.cairn.events.EventObject.COPIES;
import static io.cairn.events.EventObject.LOCKS;
import static io.cairn.events.EventObject.VERIFICATIONS;

import io.cairn.catalog.backup.Arrival;
import io.cairn.catalog.backup.Backup;
import io.cairn.catalog.backup.BackupRecord;
import io.cairn.catalog.backup.Copy;
import io.cairn.catalog.backup.CopyLock;
import io.cairn.catalog.backup.Drill;
import io.cairn.catalog.backup.Expiry;
import io.cairn.catalog.backup.Finding;
import io.cairn.catalog.backup.StoreLag;
import io.cairn.catalog.backup.Verification;
import io.cairn.catalog.cluster.Assessment;
import io.cairn.catalog.cluster.KnownCluster;
import io.cairn.catalog.run.Attempt;
import io.cairn.catalog.run.Failure;
import io.cairn.catalog.run.Run;
import io.cairn.catalog.wal.ArchivedWal;
import io.cairn.catalog.wal.TimelineSwitch;
import io.cairn.catalog.wal.WalFacts;
import io.cairn.catalog.wal.WalGap;
import io.cairn.events.BackupCompleted;
import io.cairn.events.BackupDue;
import io.cairn.events.BackupExpired;
import io.cairn.events.BackupFailed;
import io.cairn.events.BackupLocked;
import io.cairn.events.BackupProgressed;
import io.cairn.events.BackupReplicated;
import io.cairn.events.BackupRequested;
import io.cairn.events.BackupSkipped;
import io.cairn.events.BackupStarted;
import io.cairn.events.BackupSuperseded;
import io.cairn.events.CairnEvent;
import io.cairn.events.DrillDue;
import io.cairn.events.DrillSkipped;
import io.cairn.events.LegalHoldPlaced;
import io.cairn.events.LegalHoldReleased;
import io.cairn.events.MaintenanceDue;
import io.cairn.events.ObjectStored;
import io.cairn.events.ObjectiveBreached;
import io.cairn.events.ObjectiveMet;
import io.cairn.events.RegionEvent;
import io.cairn.events.ReplicationLagged;
import io.cairn.events.RestoreDrillCompleted;
import io.cairn.events.RetentionHeld;
import io.cairn.events.SyncValidated;
import io.cairn.events.TimelineSwitched;
import io.cairn.events.ValidationFailed;
import io.cairn.events.ValidationPassed;
import io.cairn.events.WalArchived;
import io.cairn.events.WalExpired;
import io.cairn.events.WalGapDetected;
import io.cairn.model.BackupLabel;
import io.cairn.model.ClusterName;
import io.cairn.model.RunId;
import io.cairn.model.Tier;
import java.time.Instant;
import java.util.Optional;

/**
 * What each event tells the catalog. Pure: the rows are the join of these over all events, in
 * whatever order.
 */
public final class Projection {

    private Projection() {}

    public static FactSet of(CairnEvent event) {
        return switch (event) {
            case BackupRequested requested -> of(requested);
            case BackupDue due -> of(due);
            case BackupStarted started -> of(started);
            case BackupProgressed progressed -> of(progressed);
            case BackupCompleted completed -> of(completed);
            case BackupFailed failed -> of(failed);
            case BackupSkipped skipped -> of(skipped);
            case BackupSuperseded superseded -> of(superseded);
            case BackupLocked locked -> of(locked);
            // Holds are looked up where they lie.
            case LegalHoldPlaced _, LegalHoldReleased _ -> FactSet.EMPTY;
            case BackupExpired expired ->
                    FactSet.EMPTY.and(
                            new Expiry(
                                    expired.run(),
                                    expired.systemIdentifier(),
                                    expired.expiredAt()));
            // What WAL is left the buckets show, and what waits the next clean-up finds again.
            case WalExpired _, RetentionHeld _ -> FactSet.EMPTY;
            case ValidationPassed passed -> of(passed);
            case ValidationFailed failed -> of(failed);
            case RestoreDrillCompleted drilled -> of(drilled);
            case DrillSkipped skipped -> of(skipped);
            case BackupReplicated replicated -> of(replicated);
            case ReplicationLagged lagged -> of(lagged);
            // What it found of single backups is told besides.
            case SyncValidated _ -> FactSet.EMPTY;
            // No fact about a backup: who wants to know reads the topic.
            case RegionEvent _ -> FactSet.EMPTY;
            case ObjectiveMet met -> of(met);
            case ObjectiveBreached breached -> of(breached);
            // The parts of a backup stand in its commit object; what is stored before that is no
            // backup yet.
            case ObjectStored _ -> FactSet.EMPTY;
            case WalArchived archived ->
                    known(archived.cluster(), archived.tier(), archived.archivedAt())
                            .and(WalFacts.of(ArchivedWal.of(archived)));
            case WalGapDetected detected ->
                    known(detected.cluster(), detected.tier(), detected.detectedAt())
                            .and(WalFacts.of(WalGap.of(detected)));
            case TimelineSwitched switched ->
                    known(switched.cluster(), switched.tier(), switched.switchedAt())
                            .and(WalFacts.of(TimelineSwitch.of(switched)));
            // Work for a service, not a fact about a cluster.
            case MaintenanceDue _, DrillDue _ -> FactSet.EMPTY;
        };
    }

    private static FactSet of(BackupRequested event) {
        RunId run = new RunId(event.cluster(), BackupLabel.of(event.requestedAt(), event.kind()));
        return FactSet.EMPTY.and(
                Run.of(run)
                        .with(
                                new Run.Requested(
                                        event.requestedAt(),
                                        event.requestedBy(),
                                        event.startDeadline())));
    }

    private static FactSet of(BackupDue event) {
        return told(event.run(), event.tier(), event.dueAt())
                .and(
                        Run.of(event.run())
                                .in(event.tier())
                                .with(
                                        new Run.Due(
                                                event.dueAt(),
                                                event.startDeadline(),
                                                event.cause())));
    }

    private static FactSet of(BackupStarted event) {
        return told(event.run(), event.tier(), event.startedAt())
                .and(
                        Run.of(event.run())
                                .in(event.tier())
                                .with(new Run.Started(event.startedAt(), event.attempt())))
                .and(
                        Attempt.started(
                                event.run(),
                                event.attempt(),
                                new Attempt.Started(
                                        event.startedAt(), event.executor(), event.store())));
    }

    private static FactSet of(BackupProgressed event) {
        return FactSet.EMPTY
                .and(Run.of(event.run()))
                .and(
                        Attempt.progressed(
                                event.run(),
                                event.attempt(),
                                new Attempt.Progress(
                                        event.at(),
                                        event.bytesDone(),
                                        event.bytesTotal(),
                                        event.bytesStored())));
    }

    private static FactSet of(BackupCompleted event) {
        return told(event.run(), event.tier(), event.completedAt())
                .and(
                        Run.of(event.run())
                                .in(event.tier())
                                .with(new Run.Completed(event.completedAt(), event.attempt())))
                .and(Attempt.completed(event.run(), event.attempt(), event.completedAt()))
                .and(Backup.of(event))
                .and(
                        Copy.of(event.run(), event.attempt(), event.store())
                                .with(Arrival.committed(event.completedAt())));
    }

    private static FactSet of(BackupFailed event) {
        Failure failure =
                new Failure(
                        event.failedAt(),
                        event.code(),
                        event.message(),
                        event.hint(),
                        event.retried());
        FactSet facts =
                told(event.run(), event.tier(), event.failedAt())
                        .and(Run.of(event.run()).in(event.tier()).with(failure));
        return event.attempt()
                .map(attempt -> facts.and(Attempt.failed(event.run(), attempt, failure)))
                .orElse(facts);
    }

    private static FactSet of(BackupSkipped event) {
        return told(event.run(), event.tier(), event.skippedAt())
                .and(
                        Run.of(event.run())
                                .in(event.tier())
                                .with(new Run.Skipped(event.skippedAt(), event.reason())));
    }

    private static FactSet of(BackupSuperseded event) {
        return told(event.run(), event.tier(), event.supersededAt())
                .and(
                        Run.of(event.run())
                                .in(event.tier())
                                .with(
                                        new Run.Superseded(
                                                event.supersededAt(), event.supersededBy())));
    }

    private static FactSet of(ValidationPassed event) {
        return FactSet.EMPTY
                .and(
                        Copy.of(event.run(), event.attempt(), event.store())
                                .with(
                                        Verification.of(
                                                new Verification.Passed(
                                                        event.completedAt(),
                                                        event.objects(),
                                                        event.bytesRead(),
                                                        event.files()))))
                .and(
                        BackupRecord.of(
                                VERIFICATIONS,
                                event,
                                event.run(),
                                event.attempt(),
                                event.store(),
                                event.completedAt()));
    }

    private static FactSet of(ValidationFailed event) {
        Finding finding =
                new Finding(
                        event.failedAt(),
                        event.code(),
                        event.message(),
                        event.hint(),
                        event.object());
        Copy copy = Copy.of(event.run(), event.attempt(), event.store());
        return FactSet.EMPTY
                .and(
                        event.stage().equals(ValidationFailed.DRILL)
                                ? copy.with(Drill.of(finding))
                                : copy.with(Verification.of(finding)))
                .and(
                        BackupRecord.of(
                                VERIFICATIONS,
                                event,
                                event.run(),
                                event.attempt(),
                                event.store(),
                                event.failedAt()));
    }

    private static FactSet of(RestoreDrillCompleted event) {
        return FactSet.EMPTY
                .and(
                        Copy.of(event.run(), event.attempt(), event.store())
                                .with(
                                        Drill.of(
                                                new Drill.Passed(
                                                        event.completedAt(),
                                                        event.rto(),
                                                        event.rtoObjective(),
                                                        event.tables(),
                                                        event.rows(),
                                                        event.amcheck()))))
                .and(
                        BackupRecord.of(
                                VERIFICATIONS,
                                event,
                                event.run(),
                                event.attempt(),
                                event.store(),
                                event.completedAt()));
    }

    private static FactSet of(DrillSkipped event) {
        return FactSet.EMPTY
                .and(
                        Copy.of(event.run(), event.attempt(), event.store())
                                .with(
                                        Drill.of(
                                                new Drill.Skipped(
                                                        event.skippedAt(), event.reason()))))
                .and(
                        BackupRecord.of(
                                VERIFICATIONS,
                                event,
                                event.run(),
                                event.attempt(),
                                event.store(),
                                event.skippedAt()));
    }

    private static FactSet of(BackupReplicated event) {
        return FactSet.EMPTY
                .and(
                        Copy.of(event.run(), event.attempt(), event.target())
                                .with(
                                        Arrival.of(
                                                new Arrival.Replicated(
                                                        event.replicatedAt(),
                                                        event.source(),
                                                        event.lag(),
                                                        event.bytesCopied()))))
                .and(
                        BackupRecord.of(
                                COPIES,
                                event,
                                event.run(),
                                event.attempt(),
                                event.target(),
                                event.replicatedAt()));
    }

    private static FactSet of(BackupLocked event) {
        return FactSet.EMPTY
                .and(
                        Copy.of(event.run(), event.attempt(), event.store())
                                .with(new CopyLock(event.mode(), event.until())))
                .and(
                        BackupRecord.of(
                                LOCKS,
                                event,
                                event.run(),
                                event.attempt(),
                                event.store(),
                                event.lockedAt()));
    }

    private static FactSet of(ReplicationLagged event) {
        return FactSet.EMPTY.and(
                new StoreLag(
                        event.cluster(),
                        event.source(),
                        event.target(),
                        event.lag(),
                        event.threshold(),
                        event.at()));
    }

    private static FactSet of(ObjectiveMet event) {
        return FactSet.EMPTY.and(
                new Assessment(
                        event.cluster(),
                        event.tier(),
                        event.objective(),
                        true,
                        event.target(),
                        Optional.of(event.actual()),
                        Optional.empty(),
                        event.checkedAt()));
    }

    private static FactSet of(ObjectiveBreached event) {
        return FactSet.EMPTY.and(
                new Assessment(
                        event.cluster(),
                        event.tier(),
                        event.objective(),
                        false,
                        event.target(),
                        event.actual(),
                        Optional.of(event.message()),
                        event.checkedAt()));
    }

    private static FactSet told(RunId run, Tier tier, Instant at) {
        return known(run.cluster(), tier, at);
    }

    private static FactSet known(ClusterName cluster, Tier tier, Instant at) {
        return FactSet.EMPTY.and(new KnownCluster(cluster, tier, at));
    }
}
