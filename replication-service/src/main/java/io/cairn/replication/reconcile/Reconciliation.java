package io.cairn.replication.reconcile;

import io.cairn.model.BackupKind;
import io.cairn.model.BackupLabel;
import io.cairn.model.ObjectKey;
import io.cairn.model.RunId;
import io.cairn.model.backup.BackupLayout;
import io.cairn.model.backup.ClusterRoot;
import io.cairn.model.backup.CommitObject;
import io.cairn.model.error.CairnException;
import io.cairn.model.record.Tombstone;
import io.cairn.replication.copy.CopyTarget;
import io.cairn.replication.copy.Patience;
import io.cairn.replication.lag.LagTracker;
import io.cairn.replication.route.Route;
import io.cairn.service.storage.Stores;
import io.cairn.storage.ClusterRoots;
import io.cairn.storage.ObjectInfo;
import io.cairn.storage.ObjectStore;
import io.cairn.storage.ObjectStores;
import io.cairn.storage.PutOutcome;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Compares clusters' commit objects in two stores by listing both, and completes what is not whole
 * in the one. A commit object in the target means that the copy is whole, since it is written last;
 * whether its parts are still what they were is the sync validation's to say.
 *
 * <p>The newest recovery point comes first: of each cluster the newest backup, after those that it
 * builds on; then, of all clusters in turn, the next. What is stored meanwhile is looked for after
 * each of them.
 *
 * <p>The catalog finds copies that no event told of by its own listing, so nothing is published
 * about what is whole.
 */
public final class Reconciliation {

    private static final int COMMIT_BYTES_MAX = 256 << 20;

    private final Stores stores;
    private final LagTracker lag;

    public Reconciliation(Stores stores, LagTracker lag) {
        this.stores = stores;
        this.lag = lag;
    }

    /**
     * @param found how many copies were not whole
     * @param problems of routes that could not be compared or completed
     */
    public record Result(int found, Map<Route, CairnException> problems) {

        public Result {
            problems = Map.copyOf(problems);
        }
    }

    /**
     * @param routes into one target
     * @throws CairnException a {@code STORE_…} code, if the target cannot be listed now
     */
    public Result run(List<Route> routes, CopyTarget target) throws InterruptedException {
        Map<Route, CairnException> problems = new HashMap<>();
        List<Queue> queues = new ArrayList<>();
        int found = 0;
        for (Route route : routes) {
            List<ObjectInfo> inTarget =
                    new CommitListing(stores.store(target.name())).of(route.cluster());
            try {
                Queue queue = new Queue(route, inTarget);
                found += queue.size();
                queues.add(queue);
            } catch (CairnException e) {
                problems.put(route, e);
            }
        }
        while (!queues.isEmpty()) {
            for (Queue queue : List.copyOf(queues)) {
                try {
                    if (queue.isEmpty()) {
                        queues.remove(queue);
                    } else {
                        found += queue.completeNewest(target);
                    }
                } catch (CairnException e) {
                    problems.put(queue.route, e);
                    if (Patience.mayPass(e)) {
                        queues.remove(queue);
                    }
                }
            }
        }
        return new Result(found, problems);
    }

    /**
     * While the target is away: what is not known to be there counts as missing.
     *
     * @throws CairnException a {@code STORE_…} code, if the source is away, too
     */
    public void measure(Route route, Instant now) {
        ObjectStore source = stores.store(route.source());
        RecordedCopies recorded = new RecordedCopies(source, route.target());
        for (ClusterRoot root : ClusterRoots.of(route.cluster(), source)) {
            recorded.missing(
                    root, now, info -> lag.missing(route.copy(), info.key(), info.lastModified()));
        }
    }

    /**
     * Copies the records about a cluster's backups that the target lacks: a catalog can be rebuilt
     * from any store, and a backup that has expired is one in none.
     *
     * @throws CairnException a {@code STORE_…} code, if a store cannot be used now
     */
    public void copyRecords(Route route) {
        ObjectStore source = stores.store(route.source());
        ObjectStore target = stores.store(route.target());
        for (ClusterRoot root : ClusterRoots.of(route.cluster(), source)) {
            Set<ObjectKey> there = new HashSet<>();
            try (Stream<ObjectInfo> listed = target.list(root.recordsPrefix())) {
                listed.forEach(info -> there.add(info.key()));
            }
            try (Stream<ObjectInfo> listed = source.list(root.recordsPrefix())) {
                listed.map(ObjectInfo::key)
                        .filter(key -> !there.contains(key))
                        .forEach(key -> copyRecord(key, source, target));
            }
        }
    }

    /** The same fact in other words is left as it is. */
    private static void copyRecord(ObjectKey key, ObjectStore source, ObjectStore target) {
        try {
            PutOutcome _ = ObjectStores.copy(source, key, target);
        } catch (CairnException e) {
            switch (e.code()) {
                // The comparison of the stores tells of it, and repairs it.
                case STORE_OBJECT_MISSING, STORE_OBJECT_DIFFERS -> {}
                default -> throw e;
            }
        }
    }

    private record Missing(RunId run, ObjectInfo info) {

        static Missing of(ObjectInfo info) {
            BackupLayout layout = layout(info.key());
            return new Missing(new RunId(layout.root().cluster(), layout.label()), info);
        }

        BackupLabel label() {
            return run.label();
        }
    }

    private static BackupLayout layout(ObjectKey commit) {
        return BackupLayout.ofAnyCommit(commit)
                .orElseThrow(() -> CairnException.bug(commit + " is no commit object"));
    }

    private static boolean isCommit(ObjectInfo info) {
        return BackupLayout.ofAnyCommit(info.key()).isPresent();
    }

    /** What is missing of one cluster, the newest last. */
    private final class Queue {

        private final Route route;
        private final ObjectStore source;
        private final Set<ObjectKey> known = new HashSet<>();
        private final Map<ClusterRoot, Instant> newest = new LinkedHashMap<>();
        private final TreeMap<String, Missing> missing = new TreeMap<>();

        Queue(Route route, List<ObjectInfo> inTarget) {
            this.route = route;
            this.source = stores.store(route.source());
            Set<ObjectKey> there =
                    inTarget.stream().map(ObjectInfo::key).collect(Collectors.toSet());
            List<ObjectInfo> here = new CommitListing(source).of(route.cluster());
            add(here, there);
            twice(here, there);
            settle(there);
        }

        boolean isEmpty() {
            return missing.isEmpty();
        }

        int size() {
            return missing.size();
        }

        /** All at once: the lag is the age of the oldest, while the newest is copied first. */
        private int add(List<ObjectInfo> here, Set<ObjectKey> there) {
            Set<ObjectKey> expired = new HashSet<>();
            int added = 0;
            for (ObjectInfo info : here) {
                if (!isCommit(info) || !known.add(info.key())) {
                    continue;
                }
                BackupLayout layout = layout(info.key());
                newest.merge(
                        layout.root(),
                        layout.label().due(),
                        (one, other) -> one.isAfter(other) ? one : other);
                if (!there.contains(info.key()) && !isExpired(layout, expired)) {
                    put(info);
                    added++;
                }
            }
            return added;
        }

        private void put(ObjectInfo info) {
            Missing one = Missing.of(info);
            lag.missing(route.copy(), info.key(), info.lastModified());
            missing.put(one.label() + " " + info.key(), one);
        }

        /** Tombstones are looked at only where a copy is missing; each label once. */
        private boolean isExpired(BackupLayout layout, Set<ObjectKey> expired) {
            ObjectKey tombstone = Tombstone.key(layout.root(), layout.label());
            if (expired.contains(tombstone)) {
                return true;
            }
            boolean found =
                    source.head(tombstone).isPresent()
                            || stores.store(route.target()).head(tombstone).isPresent();
            if (found) {
                expired.add(tombstone);
            }
            return found;
        }

        /** A label under which each store has an attempt of its own is to be merged. */
        private void twice(List<ObjectInfo> here, Set<ObjectKey> there) {
            for (ObjectInfo info : here) {
                Optional<BackupLayout> layout = BackupLayout.ofCommit(info.key());
                if (layout.isPresent()
                        && there.contains(info.key())
                        && here.stream()
                                .map(ObjectInfo::key)
                                .anyMatch(key ->
                                        key.value().startsWith(layout.get().commitPrefix())
                                                && !there.contains(key))
                        && !isSame(info.key())) {
                    put(info);
                }
            }
        }

        private boolean isSame(ObjectKey key) {
            return source.head(key)
                    .map(ObjectInfo::sha256)
                    .equals(stores.store(route.target()).head(key).map(ObjectInfo::sha256));
        }

        /**
         * Completes the newest backup, after those that it builds on.
         *
         * @return how many were found to be missing meanwhile
         */
        int completeNewest(CopyTarget target) throws InterruptedException {
            for (Missing one : chain(missing.lastEntry().getValue())) {
                missing.remove(one.label() + " " + one.info().key());
                target.complete(
                        one.run(), route.source(), one.info().key(), one.info().lastModified());
            }
            int found = 0;
            for (Map.Entry<ClusterRoot, Instant> life : Map.copyOf(newest).entrySet()) {
                found +=
                        add(
                                new CommitListing(source).since(life.getKey(), life.getValue()),
                                Set.of());
            }
            return found;
        }

        /** The oldest of it first; only what is missing. */
        private List<Missing> chain(Missing last) {
            List<Missing> chain = new ArrayList<>(List.of(last));
            Optional<Missing> next = parent(last);
            while (next.isPresent() && !chain.contains(next.get())) {
                chain.addFirst(next.get());
                next = parent(next.get());
            }
            return chain;
        }

        private Optional<Missing> parent(Missing child) {
            if (child.label().kind() != BackupKind.INCREMENTAL) {
                return Optional.empty();
            }
            try {
                CommitObject commit =
                        CommitObject.fromJson(
                                source.read(child.info().key(), COMMIT_BYTES_MAX),
                                child.info().key().value());
                return commit.parent()
                        .map(label -> new BackupLayout(commit.layout().root(), label).commit())
                        .flatMap(key ->
                                missing.values().stream()
                                        .filter(one -> one.info().key().equals(key))
                                        .findFirst());
            } catch (CairnException e) {
                if (Patience.mayPass(e)) {
                    throw e;
                }
                // Told when it is to be copied.
                return Optional.empty();
            }
        }

        /**
         * A backup that was refused is not missing any more when another process copied it, or it
         * left its source.
         */
        private void settle(Set<ObjectKey> there) {
            for (ObjectKey key : lag.missing(route.copy())) {
                if (BackupLayout.ofAnyCommit(key).isPresent()
                        && !known(key)
                        && (there.contains(key) || source.head(key).isEmpty())) {
                    lag.settled(route.copy(), key);
                }
            }
        }

        private boolean known(ObjectKey key) {
            return missing.values().stream().anyMatch(one -> one.info().key().equals(key));
        }
    }
}
