package io.cairn.executor.basebackup;

import io.cairn.events.CairnEvent;
import io.cairn.events.EventObject;
import io.cairn.events.RestoreDrillCompleted;
import io.cairn.events.ValidationFailed;
import io.cairn.events.ValidationPassed;
import io.cairn.model.BackupLabel;
import io.cairn.model.ObjectKey;
import io.cairn.model.backup.ClusterRoot;
import io.cairn.model.backup.CommitObject;
import io.cairn.model.error.CairnException;
import io.cairn.model.error.ErrorCode;
import io.cairn.storage.ObjectInfo;
import io.cairn.storage.ObjectStore;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.Stream;

/**
 * What was found out about one cluster's backups in a store, as it lies beside them. Each backup's
 * records are read once. Not thread-safe.
 */
final class Validations {

    /** A GB. */
    private static final long MEASURABLE_BYTES = 1_000_000_000;

    private final ObjectStore store;
    private final ClusterRoot root;
    private final Map<BackupLabel, Optional<String>> known = new HashMap<>();
    private final Map<BackupLabel, List<CairnEvent>> found = new HashMap<>();

    Validations(ObjectStore store, ClusterRoot root) {
        this.store = store;
        this.root = root;
    }

    /** Why nothing should be built on the store's copy, in one line. */
    Optional<String> objection(CommitObject commit) {
        return known.computeIfAbsent(commit.label(), _ -> read(commit));
    }

    private Optional<String> read(CommitObject commit) {
        try {
            return failure(commit).map(failed -> objection(commit, failed));
        } catch (CairnException e) {
            if (e.code() != ErrorCode.EVENT_UNREADABLE) {
                throw e;
            }
            return Optional.of(
                    "what is recorded of %s is not known: %s"
                            .formatted(commit.label(), e.getMessage()));
        }
    }

    private static String objection(CommitObject commit, ValidationFailed failed) {
        return "%s failed its validation (%s) at %s: %s"
                .formatted(commit.label(), failed.stage(), failed.failedAt(), failed.message());
    }

    /**
     * The newest failure that nothing later refuted. A failed drill is refuted by a drill only,
     * since bytes may be whole and no server boot from them.
     */
    private Optional<ValidationFailed> failure(CommitObject commit) {
        List<CairnEvent> told = found(commit.label());
        return told.stream()
                .filter(ValidationFailed.class::isInstance)
                .map(ValidationFailed.class::cast)
                .filter(failed ->
                        failed.attempt().equals(commit.attempt())
                                && failed.store().equals(store.name()))
                .filter(failed -> told.stream().noneMatch(event -> refutes(event, failed)))
                .max(Comparator.comparing(ValidationFailed::failedAt));
    }

    private static boolean refutes(CairnEvent event, ValidationFailed failed) {
        boolean drill = failed.stage().equals(ValidationFailed.DRILL);
        return switch (event) {
            case ValidationPassed passed ->
                    !drill
                            && passed.attempt().equals(failed.attempt())
                            && passed.store().equals(failed.store())
                            && failed.failedAt().isBefore(passed.completedAt());
            case RestoreDrillCompleted drilled ->
                    drill
                            && drilled.attempt().equals(failed.attempt())
                            && drilled.store().equals(failed.store())
                            && failed.failedAt().isBefore(drilled.completedAt());
            default -> false;
        };
    }

    /**
     * How fast the last drill of one of these backups was, in MB/s of what was written and
     * replayed. Only a large one measures a rate: of a small one the server's start is the most.
     */
    OptionalInt restoreRate(List<CommitObject> backups) {
        return backups.stream()
                .flatMap(backup -> readable(backup.label()).stream())
                .filter(RestoreDrillCompleted.class::isInstance)
                .map(RestoreDrillCompleted.class::cast)
                .filter(drill -> bytes(drill) >= MEASURABLE_BYTES && drill.rto().isPositive())
                .max(Comparator.comparing(RestoreDrillCompleted::completedAt))
                .map(drill -> (int) (bytes(drill) / 1000 / Math.max(1, drill.rto().toMillis())))
                .stream()
                .mapToInt(rate -> Math.max(1, rate))
                .findFirst();
    }

    private static long bytes(RestoreDrillCompleted drill) {
        long restored = drill.restored().map(RestoreDrillCompleted.Restored::bytes).orElse(0L);
        return restored
                + drill.pointInTime().map(RestoreDrillCompleted.PointInTime::walBytes).orElse(0L);
    }

    /** Nothing of a backup of which one record cannot be read: whoever asks for it is told so. */
    private List<CairnEvent> readable(BackupLabel label) {
        try {
            return found(label);
        } catch (CairnException e) {
            if (e.code() != ErrorCode.EVENT_UNREADABLE) {
                throw e;
            }
            return List.of();
        }
    }

    private List<CairnEvent> found(BackupLabel label) {
        List<CairnEvent> known = found.get(label);
        if (known == null) {
            known = events(label);
            found.put(label, known);
        }
        return known;
    }

    private List<CairnEvent> events(BackupLabel label) {
        String prefix = root.recordsPrefix(EventObject.VERIFICATIONS, label.value());
        List<ObjectKey> keys;
        try (Stream<ObjectInfo> objects = store.list(prefix)) {
            keys = objects.map(ObjectInfo::key).toList();
        }
        return keys.stream().map(this::event).toList();
    }

    private CairnEvent event(ObjectKey key) {
        return EventObject.read(store.read(key, EventObject.BYTES_MAX), key, store.name());
    }
}
