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
import java.util.stream.Stream;

/**
 * What was found out about one cluster's backups in a store, as it lies beside them. Each backup's
 * records are read once. Not thread-safe.
 */
final class Validations {

    private final ObjectStore store;
    private final ClusterRoot root;
    private final Map<BackupLabel, Optional<String>> known = new HashMap<>();

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
        List<CairnEvent> found = events(commit.label());
        return found.stream()
                .filter(ValidationFailed.class::isInstance)
                .map(ValidationFailed.class::cast)
                .filter(failed ->
                        failed.attempt().equals(commit.attempt())
                                && failed.store().equals(store.name()))
                .filter(failed -> found.stream().noneMatch(event -> refutes(event, failed)))
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
