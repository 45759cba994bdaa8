package io.cairn.catalog.hold;

import io.cairn.catalog.hold.HoldStatus.InStore;
import io.cairn.catalog.hold.HoldStatus.Progress;
import io.cairn.catalog.lock.NeededObjects;
import io.cairn.catalog.lock.NeededObjects.Visited;
import io.cairn.events.CairnEvent;
import io.cairn.events.LegalHoldPlaced;
import io.cairn.events.LegalHoldReleased;
import io.cairn.model.BackupLabel;
import io.cairn.model.ClusterName;
import io.cairn.model.ObjectKey;
import io.cairn.model.RunId;
import io.cairn.model.StoreName;
import io.cairn.model.SystemIdentifier;
import io.cairn.model.backup.BackupLayout;
import io.cairn.model.backup.ClusterRoot;
import io.cairn.model.error.CairnException;
import io.cairn.model.error.ErrorCode;
import io.cairn.model.record.LegalHold;
import io.cairn.model.record.Tombstone;
import io.cairn.storage.ObjectBody;
import io.cairn.storage.ObjectStore;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jboss.logging.Logger;

/**
 * Places and releases legal holds. All that it knows lies in the buckets: a hold is its record, in
 * force from the first store on that has it; {@link #round} brings it into the others, holds the
 * objects that it covers, and tells of each store when all of that is done there.
 *
 * <p>Blocking; thread-safe, one round at a time. Two processes may work at once: a release looks
 * again at what is in force after it let objects go.
 */
public final class LegalHolds {

    private static final Logger LOG = Logger.getLogger(LegalHolds.class);
    private static final Pattern ID = Pattern.compile("[0-9a-f]{32}");
    private static final int TEXT_MAX = 1000;

    private final SequencedMap<ClusterName, List<StoreName>> clusters;
    private final Function<StoreName, ObjectStore> stores;
    private final Consumer<CairnEvent> tell;
    private final InstantSource clock;
    private final NeededObjects objects;
    private final Map<String, String> waitsFor = new ConcurrentHashMap<>();

    /**
     * @param clusters each with the stores of its policy
     * @param tell returns when the event is durable
     * @param parallel objects at once, 1 to 256
     */
    public LegalHolds(
            SequencedMap<ClusterName, List<StoreName>> clusters,
            Function<StoreName, ObjectStore> stores,
            Consumer<CairnEvent> tell,
            InstantSource clock,
            int parallel) {
        this.clusters = clusters;
        this.stores = stores;
        this.tell = tell;
        this.clock = clock;
        this.objects = new NeededObjects(parallel);
    }

    /** The stores of a cluster's policy that answer, and what those said that do not. */
    private record Reached(
            ClusterName cluster,
            List<StoreName> wanted,
            List<ObjectStore> stores,
            Set<ClusterRoot> roots,
            List<CairnException> failures) {

        CairnException failure() {
            CairnException first = failures.getFirst();
            failures.stream().skip(1).forEach(first::addSuppressed);
            return first;
        }
    }

    private Reached reach(ClusterName cluster) {
        List<StoreName> wanted = clusters.get(cluster);
        if (wanted == null) {
            throw new CairnException(
                    ErrorCode.CLUSTER_UNKNOWN,
                    "no cluster '" + cluster + "' in the configuration",
                    "known are: " + clusters.keySet());
        }
        List<ObjectStore> answering = new ArrayList<>();
        Set<ClusterRoot> roots = new LinkedHashSet<>();
        List<CairnException> failures = new ArrayList<>();
        for (StoreName name : wanted) {
            try {
                ObjectStore store = stores.apply(name);
                roots.addAll(roots(store, cluster));
                answering.add(store);
            } catch (CairnException e) {
                failures.add(e);
            }
        }
        return new Reached(cluster, wanted, answering, roots, failures);
    }

    /** One listing for each life that the cluster had. */
    private static List<ClusterRoot> roots(ObjectStore store, ClusterName cluster) {
        List<ClusterRoot> roots = new ArrayList<>();
        String prefix = cluster + "/";
        Optional<ObjectKey> found = store.first(prefix, Optional.empty());
        while (found.isPresent()) {
            String folder = found.get().value().substring(prefix.length()).split("/", 2)[0];
            if (folder.matches("\\d{1,20}")) {
                roots.add(new ClusterRoot(cluster, SystemIdentifier.parse(folder)));
            }
            found = store.first(prefix, Optional.of(new ObjectKey(prefix + folder + "/~")));
        }
        return roots;
    }

    /**
     * Places a hold. It is in force when this returns; which stores have it already is in the
     * answer, and the next round does the rest.
     *
     * @param cluster needed where several have a backup of that label
     * @param id 32 lower-case hexadecimal digits; the same request again has the same
     * @param reason one line, at most 1000 characters
     * @param by who asks
     * @throws CairnException {@link ErrorCode#BACKUP_NOT_FOUND}, {@link ErrorCode#CLUSTER_UNKNOWN},
     *     {@link ErrorCode#REQUEST_INVALID}; a {@code STORE_…} code if no store can take it
     */
    public HoldStatus place(
            Optional<ClusterName> cluster, BackupLabel label, String id, String reason, String by) {
        if (!ID.matcher(id).matches()) {
            throw new CairnException(
                    ErrorCode.REQUEST_INVALID,
                    "'" + id + "' is not the id of a hold",
                    "use 32 lower-case hexadecimal digits");
        }
        requireLine(reason, "the reason");
        requireLine(by, "who asks for it");
        List<Reached> reached =
                cluster.map(List::of).orElseGet(() -> List.copyOf(clusters.keySet())).stream()
                        .map(this::reach)
                        .toList();
        Set<ClusterRoot> roots =
                reached.stream()
                        .flatMap(one -> rootsWith(one, label).stream())
                        .collect(Collectors.toCollection(LinkedHashSet::new));
        ClusterRoot root = one(roots, label, reached);
        Reached its =
                reached.stream()
                        .filter(one -> one.cluster().equals(root.cluster()))
                        .findFirst()
                        .orElseThrow();
        LegalHold hold = new LegalHold(id, label, reason, by, clock.instant());
        record(its, hold.key(root), hold.toJson());
        return status(its, root, id);
    }

    private static void requireLine(String text, String what) {
        if (text.isBlank() || text.length() > TEXT_MAX || text.lines().count() > 1) {
            throw new CairnException(
                    ErrorCode.REQUEST_INVALID,
                    what + " is no line of 1 to " + TEXT_MAX + " characters",
                    "write in one line why; it is kept with the hold for ever");
        }
    }

    private static List<ClusterRoot> rootsWith(Reached reached, BackupLabel label) {
        return reached.roots().stream()
                .filter(root -> {
                    ObjectKey commit = new BackupLayout(root, label).commit();
                    ObjectKey tombstone = Tombstone.key(root, label);
                    return has(reached, commit) && !has(reached, tombstone);
                })
                .toList();
    }

    /** By listing: it takes no right to read. */
    private static boolean has(Reached reached, ObjectKey key) {
        return reached.stores().stream()
                .anyMatch(store ->
                        store.first(key.value(), Optional.empty()).filter(key::equals).isPresent());
    }

    private static ClusterRoot one(
            Set<ClusterRoot> roots, BackupLabel label, List<Reached> reached) {
        if (roots.isEmpty()) {
            // It may be in a store that does not answer.
            reached.stream()
                    .filter(one -> !one.failures().isEmpty())
                    .findFirst()
                    .ifPresent(one -> {
                        throw one.failure();
                    });
            throw new CairnException(
                    ErrorCode.BACKUP_NOT_FOUND,
                    "there is no backup " + label + ", or it has expired",
                    "cairn list shows those that there are");
        }
        if (roots.size() > 1) {
            throw new CairnException(
                    ErrorCode.REQUEST_INVALID,
                    roots.size() + " clusters have a backup " + label,
                    "say which: "
                            + roots.stream()
                                    .map(root -> root.cluster() + "/" + label)
                                    .distinct()
                                    .collect(Collectors.joining(" or ")));
        }
        return roots.iterator().next();
    }

    /** In as many stores as answer, at least one. */
    private static void record(Reached reached, ObjectKey key, byte[] json) {
        List<CairnException> failures = new ArrayList<>(reached.failures());
        int written = 0;
        for (ObjectStore store : reached.stores()) {
            try {
                // Asked again, the first request stands.
                store.putIfAbsent(key, ObjectBody.of(json));
                written++;
            } catch (CairnException e) {
                failures.add(e);
            }
        }
        if (written == 0) {
            throw failures.getFirst();
        }
        failures.forEach(failure ->
                LOG.warnf("%s is not in every store yet: %s", key, failure.messageWithHint()));
    }

    /**
     * Releases a hold: from now on retention may expire what no other hold covers; the next round
     * lets the objects go. Does nothing if it is released.
     *
     * @throws CairnException {@link ErrorCode#HOLD_NOT_FOUND}, {@link ErrorCode#REQUEST_INVALID}; a
     *     {@code STORE_…} code if no store can take it
     */
    public HoldStatus release(String id, String reason, String by) {
        requireLine(reason, "the reason");
        requireLine(by, "who asks for it");
        List<CairnException> failures = new ArrayList<>();
        for (ClusterName cluster : clusters.keySet()) {
            Reached reached = reach(cluster);
            failures.addAll(reached.failures());
            for (ClusterRoot root : reached.roots()) {
                StoredHolds holds = StoredHolds.read(root, reached.stores());
                if (holds.ids().contains(id)) {
                    if (!holds.isReleased(id)) {
                        LegalHold.Release release =
                                new LegalHold.Release(
                                        id, holds.label(id), reason, by, clock.instant());
                        record(reached, release.key(root), release.toJson());
                    }
                    return status(reached, root, id);
                }
            }
        }
        if (!failures.isEmpty()) {
            throw failures.getFirst();
        }
        throw new CairnException(
                ErrorCode.HOLD_NOT_FOUND,
                "there is no hold " + id,
                "cairn hold list shows those that there are");
    }

    /**
     * All holds, those too that were released, by cluster and time.
     *
     * @throws CairnException {@link ErrorCode#CLUSTER_UNKNOWN}; a {@code STORE_…} code if no store
     *     of a cluster answers
     */
    public List<HoldStatus> list(Optional<ClusterName> cluster) {
        List<HoldStatus> all = new ArrayList<>();
        for (ClusterName name :
                cluster.map(List::of).orElseGet(() -> List.copyOf(clusters.keySet()))) {
            Reached reached = reach(name);
            if (reached.stores().isEmpty()) {
                throw reached.failure();
            }
            for (ClusterRoot root : reached.roots()) {
                StoredHolds holds = StoredHolds.read(root, reached.stores());
                holds.ids().stream()
                        .map(id -> status(reached, root, holds, id))
                        .sorted(Comparator.comparing((HoldStatus status) -> status.hold().at()))
                        .forEach(all::add);
            }
        }
        return List.copyOf(all);
    }

    private HoldStatus status(Reached reached, ClusterRoot root, String id) {
        return status(reached, root, StoredHolds.read(root, reached.stores()), id);
    }

    private HoldStatus status(Reached reached, ClusterRoot root, StoredHolds holds, String id) {
        Set<StoreName> answering =
                reached.stores().stream().map(ObjectStore::name).collect(Collectors.toSet());
        List<InStore> inStores =
                reached.wanted().stream()
                        .map(store ->
                                new InStore(
                                        store,
                                        answering.contains(store)
                                                ? progress(root, holds, id, store)
                                                : Progress.UNREACHABLE,
                                        Optional.ofNullable(waitsFor.get(id + store))))
                        .toList();
        return new HoldStatus(root, holds.hold(id), holds.release(id), inStores);
    }

    private static Progress progress(
            ClusterRoot root, StoredHolds holds, String id, StoreName store) {
        if (holds.isReleased(id)) {
            return holds.isIn(store, holds.markKey(id, releasedEvent(root, id, store)))
                    ? Progress.RELEASED
                    : Progress.RELEASING;
        }
        if (holds.isIn(store, holds.markKey(id, placedEvent(root, id, store)))) {
            return Progress.PLACED;
        }
        return holds.isIn(store, holds.key(id)) ? Progress.RECORDED : Progress.WAITING;
    }

    private static String placedEvent(ClusterRoot root, String id, StoreName store) {
        return LegalHoldPlaced.id(root.cluster(), id, store);
    }

    private static String releasedEvent(ClusterRoot root, String id, StoreName store) {
        return LegalHoldReleased.id(root.cluster(), id, store);
    }

    /**
     * What a round has left.
     *
     * @param pending holds that are not placed, or not released, in every store
     * @param failures of stores that could not be used
     */
    public record Report(int pending, List<CairnException> failures) {

        public Report {
            failures = List.copyOf(failures);
        }
    }

    /**
     * Brings every hold, and every release, into all stores.
     *
     * @throws CairnException {@link ErrorCode#BROKER_UNREACHABLE} if it cannot be told
     */
    public synchronized Report round() {
        int pending = 0;
        List<CairnException> failures = new ArrayList<>();
        for (ClusterName cluster : clusters.keySet()) {
            Reached reached = reach(cluster);
            failures.addAll(reached.failures());
            for (ClusterRoot root : reached.roots()) {
                try {
                    pending += new Work(reached, root).run(failures);
                } catch (CairnException e) {
                    failures.add(thrownUnlessOfStore(e));
                }
            }
        }
        return new Report(pending, failures);
    }

    private static CairnException thrownUnlessOfStore(CairnException e) {
        if (e.code() == ErrorCode.BROKER_UNREACHABLE) {
            throw e;
        }
        return e;
    }

    /** One round with one life of a cluster. */
    private final class Work {

        private final Reached reached;
        private final ClusterRoot root;
        private final StoredHolds holds;

        Work(Reached reached, ClusterRoot root) {
            this.reached = reached;
            this.root = root;
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
            if (holds.isIn(store.name(), holds.markKey(id, placedEvent(root, id, store.name())))) {
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
            if (holds.isIn(
                    store.name(), holds.markKey(id, releasedEvent(root, id, store.name())))) {
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
    }
}
