package io.cairn.catalog.retention;

import io.cairn.catalog.retention.CleanUp.Retained;
import io.cairn.catalog.retention.StoredObjects.Placed;
import io.cairn.model.BackupLabel;
import io.cairn.model.ObjectKey;
import io.cairn.model.backup.BackupLayout;
import io.cairn.model.error.CairnException;
import io.cairn.model.error.ErrorCode;
import io.cairn.storage.ObjectBody;
import io.cairn.storage.ObjectInfo;
import io.cairn.storage.ObjectStore;
import io.cairn.storage.Retention;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;

/**
 * Deletes, store by store, in an order in which it can be interrupted anywhere. An object that is
 * locked is passed over and remembered; any other refusal ends it.
 */
final class Removal {

    private final StoredObjects objects;
    private final List<Retained> retained = new ArrayList<>();
    private final Set<Placed> refused = new HashSet<>();
    private long deleted;
    private long bytes;

    Removal(StoredObjects objects) {
        this.objects = objects;
    }

    List<Retained> retained() {
        return List.copyOf(retained);
    }

    long deleted() {
        return deleted;
    }

    long bytes() {
        return bytes;
    }

    /** The same record in every store; what lies there already stays. */
    void record(ObjectKey key, byte[] json) {
        objects.stores().forEach(store -> store.putIfAbsent(key, ObjectBody.of(json)));
    }

    /**
     * What remains of a label with a tombstone: commit objects everywhere, then everything else
     * everywhere, and the keys at last, since without them nothing can be read.
     */
    void backup(BackupLabel label) {
        BackupLayout layout = new BackupLayout(objects.root(), label);
        delete(layout.prefix(), info -> info.key().equals(layout.commit()));
        delete(layout.prefix(), info -> BackupLayout.ofAnyCommit(info.key()).isPresent());
        delete(layout.prefix(), _ -> true);
        delete(keys(label), _ -> true);
    }

    private String keys(BackupLabel label) {
        return objects.root().keysPrefix() + "backups/" + label + "/";
    }

    /** Whether anything remains of a label in any store. */
    boolean remains(BackupLabel label) {
        BackupLayout layout = new BackupLayout(objects.root(), label);
        return !objects.keys(layout.prefix()).isEmpty() || !objects.keys(keys(label)).isEmpty();
    }

    void orphan(Orphan orphan) {
        BackupLayout layout = new BackupLayout(objects.root(), orphan.label());
        delete(layout.attemptPrefix(orphan.attempt()), _ -> true);
        delete(
                layout.commitPrefix(),
                info -> info.key().equals(layout.signature(orphan.attempt())));
        delete(layout.wrapsPrefix(orphan.attempt()), _ -> true);
    }

    /** Everything under a prefix that is meant, in every store. */
    void delete(String prefix, Predicate<ObjectInfo> meant) {
        objects.all(prefix)
                .filter(placed -> meant.test(placed.info()))
                .toList()
                .forEach(this::delete);
    }

    void delete(Placed placed) {
        if (refused.contains(placed)) {
            return;
        }
        ObjectKey key = placed.info().key();
        ObjectStore store = objects.store(placed.store());
        try {
            store.delete(key);
            objects.gone(placed.store(), key);
            deleted++;
            bytes += placed.info().length();
        } catch (CairnException e) {
            if (e.code() != ErrorCode.STORE_LOCKED) {
                throw e;
            }
            refused.add(placed);
            retained.add(new Retained(placed.store(), key, until(store, key)));
        }
    }

    /** Until when, if the store tells. */
    private static Optional<Instant> until(ObjectStore store, ObjectKey key) {
        try {
            return store.retention(key).map(Retention::until);
        } catch (CairnException e) {
            return switch (e.code()) {
                case STORE_ACCESS_DENIED, STORE_OBJECT_MISSING, STORE_NO_OBJECT_LOCK ->
                        Optional.empty();
                default -> throw e;
            };
        }
    }
}
