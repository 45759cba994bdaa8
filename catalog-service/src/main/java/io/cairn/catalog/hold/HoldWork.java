package io.cairn.catalog.hold;

import io.cairn.catalog.lock.NeededObjects;
import io.cairn.catalog.lock.NeededObjects.Visited;
import io.cairn.events.CairnEvent;
import io.cairn.events.LegalHoldPlaced;
import io.cairn.events.LegalHoldReleased;
import io.cairn.model.ObjectKey;
import io.cairn.model.RunId;
import io.cairn.model.backup.ClusterRoot;
import io.cairn.model.error.CairnException;
import io.cairn.model.error.ErrorCode;
import io.cairn.model.record.LegalHold;
import io.cairn.storage.ObjectStore;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;

/** One round with one life of a cluster: brings its holds and releases into every store. */
final class HoldWork {

    private final ReachedCluster reached;
    private final ClusterRoot root;
    private final NeededObjects objects;
    private final Consumer<CairnEvent> tell;
    private final Map<String, String> waitsFor;
    private final StoredHolds holds;

    HoldWork(
            ReachedCluster reached,
            ClusterRoot root,
            NeededObjects objects,
            Consumer<CairnEvent> tell,
            Map<String, String> waitsFor) {
        this.reached = reached;
        this.root = root;
        this.objects = objects;
        this.tell = tell;
        this.waitsFor = waitsFor;
        this.holds = StoredHolds.read(root, reached.stores());
    }

    int run(List<CairnException> failures) {
        int pending = 0;
        for (String id : holds.ids()) {
            boolean everywhere = reached.failures().isEmpty();
            for (ObjectStore store : reached.stores()) {
                try {
                    everywhere &= holds.isReleased(id) ? release(id, store) : place(id, store);
                } catch (CairnException e) {
                    failures.add(thrownUnlessOfStore(e));
                    waitsFor.put(id + store.name(), e.getMessage());
                    everywhere = false;
                }
            }
            pending += everywhere ? 0 : 1;
        }
        return pending;
    }

    private boolean place(String id, ObjectStore store) {
        if (holds.isIn(store.name(), holds.placedMark(id, store.name()))) {
            return true;
        }
        holds.ensure(store, holds.key(id));
        AtomicBoolean enforced = new AtomicBoolean(true);
        Visited visited = covered(id).visit(store, key -> flag(store, key, enforced));
        if (visited.lacks().isPresent()) {
            waitsFor.put(id + store.name(), visited.lacks().get());
            return false;
        }
        LegalHold hold = holds.hold(id);
        LegalHoldPlaced event =
                new LegalHoldPlaced(
                        new RunId(root.cluster(), hold.label()),
                        root.systemIdentifier(),
                        id,
                        store.name(),
                        hold.reason(),
                        hold.by(),
                        hold.at(),
                        visited.objects().size(),
                        enforced.get());
        tell.accept(event);
        holds.mark(store, id, event);
        waitsFor.remove(id + store.name());
        return true;
    }

    private HeldObjects covered(String id) {
        return new HeldObjects(objects, root, holds.label(id), reached.stores());
    }

    /** Where the bucket has no Object Lock, the record alone holds. */
    private void flag(ObjectStore store, ObjectKey key, AtomicBoolean enforced) {
        if (!enforced.get()) {
            return;
        }
        try {
            if (!store.held(key)) {
                store.hold(key, true);
            }
            if (!store.held(key)) {
                enforced.set(false);
            }
        } catch (CairnException e) {
            if (e.code() != ErrorCode.STORE_NO_OBJECT_LOCK) {
                throw e;
            }
            enforced.set(false);
        }
    }

    private boolean release(String id, ObjectStore store) {
        if (holds.isIn(store.name(), holds.releasedMark(id, store.name()))) {
            return true;
        }
        holds.ensure(store, holds.key(id));
        holds.ensure(store, holds.releaseKey(id));
        long let = letGo(id, store);
        LegalHold.Release release = holds.release(id).orElseThrow();
        LegalHoldReleased event =
                new LegalHoldReleased(
                        new RunId(root.cluster(), release.label()),
                        root.systemIdentifier(),
                        id,
                        store.name(),
                        release.reason(),
                        release.by(),
                        release.at(),
                        let);
        tell.accept(event);
        holds.mark(store, id, event);
        waitsFor.remove(id + store.name());
        return true;
    }

    /**
     * Lets go of what no hold in force covers, then looks whether one was placed meanwhile that
     * would have kept it.
     */
    private long letGo(String id, ObjectStore store) {
        Set<String> kept = StoredHolds.read(root, reached.stores()).inForce();
        Set<ObjectKey> others = new HashSet<>();
        kept.forEach(other -> others.addAll(keys(other, store)));
        Set<ObjectKey> let = ConcurrentHashMap.newKeySet();
        covered(id)
                .visit(
                        store,
                        key -> {
                            if (!others.contains(key) && letGo(store, key)) {
                                let.add(key);
                            }
                        });
        StoredHolds now = StoredHolds.read(root, reached.stores());
        for (String placed : now.inForce()) {
            if (!kept.contains(placed)) {
                new HeldObjects(objects, root, now.label(placed), reached.stores())
                        .visit(store, key -> flag(store, key, new AtomicBoolean(true)));
            }
        }
        return let.size();
    }

    private List<ObjectKey> keys(String id, ObjectStore store) {
        return new HeldObjects(
                        objects,
                        root,
                        StoredHolds.read(root, reached.stores()).label(id),
                        reached.stores())
                .visit(store, _ -> {})
                .objects();
    }

    private static boolean letGo(ObjectStore store, ObjectKey key) {
        try {
            boolean held = store.held(key);
            if (held) {
                store.hold(key, false);
            }
            return held;
        } catch (CairnException e) {
            return switch (e.code()) {
                // Nothing was held; or what was has expired since.
                case STORE_NO_OBJECT_LOCK, STORE_OBJECT_MISSING -> false;
                default -> throw e;
            };
        }
    }

    /** What a store says ends its part of the round; what cannot be told ends the round. */
    static CairnException thrownUnlessOfStore(CairnException e) {
        if (e.code() == ErrorCode.BROKER_UNREACHABLE) {
            throw e;
        }
        return e;
    }
}
