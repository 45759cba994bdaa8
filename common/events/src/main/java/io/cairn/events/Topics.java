package io.cairn.events;

import io.cairn.model.Tier;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;

/** The Kafka topics and which event goes where. */
public final class Topics {

    public static final String REQUESTS = "cairn.requests";
    public static final String DUE_MAINTENANCE = "cairn.due.maintenance";
    public static final String DUE_DRILLS = "cairn.due.drills";
    public static final String LIFECYCLE = "cairn.lifecycle";
    public static final String OBJECTS = "cairn.objects";
    public static final String WAL = "cairn.wal";
    public static final String VALIDATION = "cairn.validation";
    public static final String REPLICATION = "cairn.replication";
    public static final String OBJECTIVES = "cairn.objectives";

    /** Compacted, one partition: {@link RegionEvent}s. */
    public static final String REGIONS = "cairn.regions";

    /** Compacted: the scheduler's cursor, in the same transaction as the due events. */
    public static final String SCHEDULE = "cairn.schedule";

    private Topics() {}

    public static String due(Tier tier) {
        return "cairn.due." + tier.id();
    }

    /**
     * Where what could not be read or done on {@code topic} goes, with the reason in its headers.
     */
    public static String deadLetter(String topic) {
        return "dlq." + topic;
    }

    public static String of(CairnEvent event) {
        return switch (event) {
            case BackupRequested _ -> REQUESTS;
            case BackupDue due -> due(due.tier());
            case MaintenanceDue _ -> DUE_MAINTENANCE;
            case DrillDue _ -> DUE_DRILLS;
            case BackupStarted _,
                    BackupProgressed _,
                    BackupCompleted _,
                    BackupFailed _,
                    BackupSkipped _,
                    BackupSuperseded _,
                    BackupLocked _,
                    LegalHoldPlaced _,
                    LegalHoldReleased _,
                    BackupExpired _,
                    WalExpired _,
                    RetentionHeld _ ->
                    LIFECYCLE;
            case ObjectStored _ -> OBJECTS;
            case WalArchived _, WalGapDetected _, TimelineSwitched _ -> WAL;
            case ValidationPassed _, ValidationFailed _, RestoreDrillCompleted _, DrillSkipped _ ->
                    VALIDATION;
            case BackupReplicated _, ReplicationLagged _, SyncValidated _ -> REPLICATION;
            case RegionEvent _ -> REGIONS;
            case ObjectiveMet _, ObjectiveBreached _ -> OBJECTIVES;
        };
    }

    /**
     * Whether what is on the topic is told to everybody, rather than waiting for somebody to do it.
     * Who takes records from such a topic passes over events that are of no concern, those of types
     * that a later release adds among them.
     */
    public static boolean tellsFacts(String topic) {
        return switch (topic) {
            case LIFECYCLE, OBJECTS, WAL, VALIDATION, REPLICATION, REGIONS, OBJECTIVES -> true;
            default -> false;
        };
    }

    /** Every topic that carries events; {@link #SCHEDULE} carries none. */
    public static List<String> all() {
        return Stream.concat(
                        Arrays.stream(Tier.values()).map(Topics::due),
                        Stream.of(
                                REQUESTS,
                                DUE_MAINTENANCE,
                                DUE_DRILLS,
                                LIFECYCLE,
                                OBJECTS,
                                WAL,
                                VALIDATION,
                                REPLICATION,
                                REGIONS,
                                OBJECTIVES))
                .toList();
    }
}
