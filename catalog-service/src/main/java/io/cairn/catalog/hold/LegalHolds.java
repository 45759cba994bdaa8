package io.cairn.catalog.hold;

import io.cairn.catalog.hold.HoldStatus.InStore;
import io.cairn.catalog.hold.HoldStatus.Progress;
import io.cairn.catalog.lock.NeededObjects;
import io.cairn.events.CairnEvent;
import io.cairn.model.BackupLabel;
import io.cairn.model.ClusterName;
import io.cairn.model.ObjectKey;
import io.cairn.model.StoreName;
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
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
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

    private ReachedCluster reach(ClusterName cluster) {
        List<StoreName> wanted = clusters.get(cluster);
        if (wanted == null) {
            throw new CairnException(
                    ErrorCode.CLUSTER_UNKNOWN,
                    "no cluster '" + cluster + "' in the configuration",
                    "known are: " + clusters.keySet());
        }
        return ReachedCluster.reach(cluster, wanted, stores);
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
        List<ReachedCluster> reached =
                cluster.map(List::of).orElseGet(() -> List.copyOf(clusters.keySet())).stream()
                        .map(this::reach)
                        .toList();
        Set<ClusterRoot> roots =
                reached.stream()
                        .flatMap(one -> rootsWith(one, label).stream())
                        .collect(Collectors.toCollection(LinkedHashSet::new));
        ClusterRoot root = one(roots, label, reached);
        ReachedCluster its =
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

    private static List<ClusterRoot> rootsWith(ReachedCluster reached, BackupLabel label) {
        return reached.roots().stream()
                .filter(root -> {
                    ObjectKey commit = new BackupLayout(root, label).commit();
                    ObjectKey tombstone = Tombstone.key(root, label);
                    return has(reached, commit) && !has(reached, tombstone);
                })
                .toList();
    }

    /** By listing: it takes no right to read. */
    private static boolean has(ReachedCluster reached, ObjectKey key) {
        return reached.stores().stream()
                .anyMatch(store ->
                        store.first(key.value(), Optional.empty()).filter(key::equals).isPresent());
    }

    private static ClusterRoot one(
            Set<ClusterRoot> roots, BackupLabel label, List<ReachedCluster> reached) {
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
    private static void record(ReachedCluster reached, ObjectKey key, byte[] json) {
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
            ReachedCluster reached = reach(cluster);
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
            ReachedCluster reached = reach(name);
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

    private HoldStatus status(ReachedCluster reached, ClusterRoot root, String id) {
        return status(reached, root, StoredHolds.read(root, reached.stores()), id);
    }

    private HoldStatus status(
            ReachedCluster reached, ClusterRoot root, StoredHolds holds, String id) {
        Set<StoreName> answering =
                reached.stores().stream().map(ObjectStore::name).collect(Collectors.toSet());
        List<InStore> inStores =
                reached.wanted().stream()
                        .map(store ->
                                new InStore(
                                        store,
                                        answering.contains(store)
                                                ? progress(holds, id, store)
                                                : Progress.UNREACHABLE,
                                        Optional.ofNullable(waitsFor.get(id + store))))
                        .toList();
        return new HoldStatus(root, holds.hold(id), holds.release(id), inStores);
    }

    private static Progress progress(StoredHolds holds, String id, StoreName store) {
        if (holds.isReleased(id)) {
            return holds.isIn(store, holds.releasedMark(id, store))
                    ? Progress.RELEASED
                    : Progress.RELEASING;
        }
        if (holds.isIn(store, holds.placedMark(id, store))) {
            return Progress.PLACED;
        }
        return holds.isIn(store, holds.key(id)) ? Progress.RECORDED : Progress.WAITING;
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
            ReachedCluster reached = reach(cluster);
            failures.addAll(reached.failures());
            for (ClusterRoot root : reached.roots()) {
                try {
                    pending += new HoldWork(reached, root, objects, tell, waitsFor).run(failures);
                } catch (CairnException e) {
                    failures.add(HoldWork.thrownUnlessOfStore(e));
                }
            }
        }
        return new Report(pending, failures);
    }
}
