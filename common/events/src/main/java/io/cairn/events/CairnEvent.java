package io.cairn.events;

import com.fasterxml.jackson.annotation.JsonIgnore;
import io.cairn.model.RunId;
import java.util.Optional;

/**
 * A fact that Cairn tells. The record's name is the event's type, {@code io.cairn.<name>.v1}; its
 * components are the JSON of the data. Only optional components are ever added.
 */
public sealed interface CairnEvent
        permits BackupRequested,
                BackupDue,
                MaintenanceDue,
                DrillDue,
                BackupStarted,
                BackupProgressed,
                BackupCompleted,
                BackupFailed,
                BackupSkipped,
                BackupSuperseded,
                BackupLocked,
                LegalHoldPlaced,
                LegalHoldReleased,
                BackupExpired,
                WalExpired,
                RetentionHeld,
                ObjectStored,
                ValidationPassed,
                ValidationFailed,
                RestoreDrillCompleted,
                DrillSkipped,
                BackupReplicated,
                ReplicationLagged,
                SyncValidated,
                RegionEvent,
                WalArchived,
                WalGapDetected,
                TimelineSwitched,
                ObjectiveMet,
                ObjectiveBreached {

    /** The CloudEvents type, {@code io.cairn.BackupCompleted.v1}. */
    @JsonIgnore
    default String type() {
        return EventTypes.typeOf(getClass());
    }

    /**
     * An id that is the same whoever publishes this fact, so that a fact told twice can be told
     * apart from two facts.
     */
    @JsonIgnore
    String deterministicId();

    /**
     * The Kafka key: the cluster's name, or {@code maintenance}; what is told of a store has its
     * own. Facts with the same key keep their order in a topic.
     */
    @JsonIgnore
    default String key() {
        return switch (this) {
            case MaintenanceDue _ -> "maintenance";
            case BackupRequested event -> event.cluster().value();
            case BackupDue event -> event.cluster().value();
            case DrillDue event -> event.cluster().value();
            case BackupStarted event -> event.cluster().value();
            case BackupProgressed event -> event.cluster().value();
            case BackupCompleted event -> event.cluster().value();
            case BackupFailed event -> event.cluster().value();
            case BackupSkipped event -> event.cluster().value();
            case BackupSuperseded event -> event.cluster().value();
            case BackupLocked event -> event.cluster().value();
            case LegalHoldPlaced event -> event.cluster().value();
            case LegalHoldReleased event -> event.cluster().value();
            case BackupExpired event -> event.cluster().value();
            case WalExpired event -> event.cluster().value();
            case RetentionHeld event -> event.cluster().value();
            case ObjectStored event -> event.cluster().value();
            case ValidationPassed event -> event.cluster().value();
            case ValidationFailed event -> event.cluster().value();
            case RestoreDrillCompleted event -> event.cluster().value();
            case DrillSkipped event -> event.cluster().value();
            case BackupReplicated event -> event.cluster().value();
            case ReplicationLagged event -> event.cluster().value();
            case SyncValidated event -> event.cluster().value();
            case RegionEvent event -> event.store().value();
            case WalArchived event -> event.cluster().value();
            case WalGapDetected event -> event.cluster().value();
            case TimelineSwitched event -> event.cluster().value();
            case ObjectiveMet event -> event.cluster().value();
            case ObjectiveBreached event -> event.cluster().value();
        };
    }

    /**
     * The run this fact belongs to, if it belongs to one; the default of the extension {@code
     * correlationid}.
     */
    @JsonIgnore
    default Optional<RunId> correlatedRun() {
        return switch (this) {
            case MaintenanceDue _,
                    BackupRequested _,
                    WalExpired _,
                    RetentionHeld _,
                    ReplicationLagged _,
                    SyncValidated _,
                    RegionEvent _,
                    WalArchived _,
                    WalGapDetected _,
                    TimelineSwitched _,
                    ObjectiveMet _,
                    ObjectiveBreached _ ->
                    Optional.empty();
            case BackupDue event -> Optional.of(event.run());
            case DrillDue event -> event.label().map(label -> new RunId(event.cluster(), label));
            case BackupStarted event -> Optional.of(event.run());
            case BackupProgressed event -> Optional.of(event.run());
            case BackupCompleted event -> Optional.of(event.run());
            case BackupFailed event -> Optional.of(event.run());
            case BackupSkipped event -> Optional.of(event.run());
            case BackupSuperseded event -> Optional.of(event.run());
            case BackupLocked event -> Optional.of(event.run());
            case LegalHoldPlaced event -> Optional.of(event.run());
            case LegalHoldReleased event -> Optional.of(event.run());
            case BackupExpired event -> Optional.of(event.run());
            case ObjectStored event -> Optional.of(event.run());
            case ValidationPassed event -> Optional.of(event.run());
            case ValidationFailed event -> Optional.of(event.run());
            case RestoreDrillCompleted event -> Optional.of(event.run());
            case DrillSkipped event -> Optional.of(event.run());
            case BackupReplicated event -> Optional.of(event.run());
        };
    }
}
