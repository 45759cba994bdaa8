package io.cairn.cli;

import io.cairn.events.BackupLocked;
import io.cairn.events.EventObject;
import io.cairn.model.AttemptId;
import io.cairn.model.StoreName;
import io.cairn.model.backup.BackupLayout;
import io.cairn.model.error.CairnException;
import io.cairn.restore.backup.CopyProblem;
import io.cairn.storage.ObjectInfo;
import io.cairn.storage.ObjectStore;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.BinaryOperator;
import java.util.function.Consumer;
import java.util.stream.Stream;

/**
 * The locks of a backup's copies that lie recorded beside the backups, in whichever store was
 * active then.
 */
final class LockRecords {

    private final List<ObjectStore> stores;
    private final Consumer<String> notes;

    /**
     * @param notes is told what could not be read
     */
    LockRecords(List<ObjectStore> stores, Consumer<String> notes) {
        this.stores = stores;
        this.notes = notes;
    }

    /** Of each copy that was locked, the lock that ends last. */
    Map<StoreName, BackupLocked> of(BackupLayout layout, AttemptId attempt) {
        Map<StoreName, BackupLocked> locks = new TreeMap<>();
        for (ObjectStore store : stores) {
            try {
                for (BackupLocked lock : in(store, layout, attempt)) {
                    locks.merge(
                            lock.store(),
                            lock,
                            BinaryOperator.maxBy(Comparator.comparing(BackupLocked::until)));
                }
            } catch (CairnException e) {
                notes.accept(new CopyProblem(store.name(), e).message());
            }
        }
        return locks;
    }

    private static List<BackupLocked> in(
            ObjectStore store, BackupLayout layout, AttemptId attempt) {
        String prefix = layout.root().recordsPrefix(EventObject.LOCKS, layout.label().value());
        List<BackupLocked> locks = new ArrayList<>();
        try (Stream<ObjectInfo> objects = store.list(prefix)) {
            for (ObjectInfo object : objects.toList()) {
                byte[] json = store.read(object.key(), EventObject.BYTES_MAX);
                if (EventObject.read(json, object.key(), store.name()) instanceof BackupLocked lock
                        && lock.attempt().equals(attempt)) {
                    locks.add(lock);
                }
            }
        }
        return locks;
    }
}
