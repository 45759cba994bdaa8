package io.cairn.cli;

import io.cairn.events.CairnEvent;
import io.cairn.events.EventObject;
import io.cairn.events.RestoreDrillCompleted;
import io.cairn.model.AttemptId;
import io.cairn.model.BackupLabel;
import io.cairn.model.ObjectKey;
import io.cairn.model.StoreName;
import io.cairn.model.backup.ClusterRoot;
import io.cairn.model.backup.CommitObject;
import io.cairn.model.error.CairnException;
import io.cairn.model.error.ErrorCode;
import io.cairn.model.wal.RecoverableWindow;
import io.cairn.restore.backup.CopyProblem;
import io.cairn.storage.ObjectInfo;
import io.cairn.storage.ObjectStore;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The restore drills that lie recorded beside the backups, in whichever store: the one that was
 * active then. Thread-safe.
 */
final class DrillRecords {

    /**
     * Of a cluster, in one store: a drill is told of right after a backup's bytes, so that among
     * the last ones there is none only where none are made.
     */
    private static final int LOOKED_AT = 32;

    private final List<ObjectStore> stores;
    private final Consumer<String> notes;

    /**
     * @param notes is told what could not be read
     */
    DrillRecords(List<ObjectStore> stores, Consumer<String> notes) {
        this.stores = stores;
        this.notes = notes;
    }

    /**
     * The last drill of a copy of one of these backups.
     *
     * @param copies which store the copies lie in
     * @param backups of one cluster; at least one
     */
    Optional<RecoverableWindow.Proof> newest(StoreName copies, Collection<CommitObject> backups) {
        return stores.stream()
                .flatMap(store -> newest(store, copies, backups).stream())
                .max(Comparator.comparing(RestoreDrillCompleted::completedAt))
                .map(drill ->
                        new RecoverableWindow.Proof(
                                drill.run().label(), drill.completedAt(), drill.rto()));
    }

    private Optional<RestoreDrillCompleted> newest(
            ObjectStore store, StoreName copies, Collection<CommitObject> backups) {
        Map<BackupLabel, AttemptId> attempts =
                backups.stream()
                        .collect(Collectors.toMap(CommitObject::label, CommitObject::attempt));
        try {
            for (ObjectInfo object : lastRecords(store, backups)) {
                if (read(store, object).orElse(null) instanceof RestoreDrillCompleted drill
                        && drill.store().equals(copies)
                        && drill.attempt().equals(attempts.get(drill.run().label()))) {
                    return Optional.of(drill);
                }
            }
        } catch (CairnException e) {
            notes.accept(new CopyProblem(store.name(), e).message());
        }
        return Optional.empty();
    }

    /** The last that were written, the newest first. */
    private static List<ObjectInfo> lastRecords(
            ObjectStore store, Collection<CommitObject> backups) {
        ClusterRoot root = backups.iterator().next().layout().root();
        String prefix = root.recordsPrefix() + EventObject.VERIFICATIONS + "/";
        BackupLabel oldest =
                backups.stream()
                        .map(CommitObject::label)
                        .min(Comparator.naturalOrder())
                        .orElseThrow();
        try (Stream<ObjectInfo> objects =
                store.list(prefix, Optional.of(new ObjectKey(prefix + oldest)))) {
            return objects.sorted(Comparator.comparing(ObjectInfo::lastModified).reversed())
                    .limit(LOOKED_AT)
                    .toList();
        }
    }

    /** One that cannot be understood hides no other. */
    private Optional<CairnEvent> read(ObjectStore store, ObjectInfo object) {
        byte[] json = store.read(object.key(), EventObject.BYTES_MAX);
        try {
            return Optional.of(EventObject.read(json, object.key(), store.name()));
        } catch (CairnException e) {
            if (e.code() != ErrorCode.EVENT_UNREADABLE) {
                throw e;
            }
            notes.accept(e.getMessage());
            return Optional.empty();
        }
    }
}
