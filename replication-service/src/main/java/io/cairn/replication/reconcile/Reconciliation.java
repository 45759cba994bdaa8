package io.cairn.replication.reconcile;

import io.cairn.model.ObjectKey;
import io.cairn.model.RunId;
import io.cairn.model.backup.BackupLayout;
import io.cairn.model.error.CairnException;
import io.cairn.replication.copy.CopyTarget;
import io.cairn.replication.lag.LagTracker;
import io.cairn.replication.route.Route;
import io.cairn.service.storage.Stores;
import io.cairn.storage.ObjectInfo;
import io.cairn.storage.ObjectStore;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Compares one cluster's commit objects in its active store with one store that holds copies, and
 * completes what is not whole there, the newest first. A commit object in the target means that the
 * copy is whole, since it is written last; whether its parts are still what they were is the sync
 * validation's to say.
 *
 * <p>The catalog finds copies that no event told of by its own listing, so nothing is published
 * about what is whole.
 */
final class Reconciliation {

    private final Stores stores;
    private final LagTracker lag;

    Reconciliation(Stores stores, LagTracker lag) {
        this.stores = stores;
        this.lag = lag;
    }

    /**
     * @return how many copies were not whole
     * @throws CairnException a {@code STORE_…} code, if a store cannot be listed now
     */
    int run(Route route, CopyTarget target) throws InterruptedException {
        ObjectStore source = stores.store(route.source());
        List<ObjectInfo> inSource = new CommitListing(source).of(route.cluster());
        Set<ObjectKey> inTarget =
                new CommitListing(stores.store(target.name()))
                        .of(route.cluster()).stream()
                                .map(ObjectInfo::key)
                                .collect(Collectors.toSet());
        List<Missing> missing =
                inSource.stream()
                        .filter(commit -> !inTarget.contains(commit.key()))
                        .map(Missing::of)
                        .sorted(
                                Comparator.comparing((Missing commit) -> commit.run().label())
                                        .reversed())
                        .toList();
        // All at once: the lag is the age of the oldest, while the newest is copied first.
        missing.forEach(commit ->
                lag.missing(route.copy(), commit.info().key(), commit.info().lastModified()));
        settle(route, source, inTarget);
        for (Missing commit : missing) {
            target.complete(
                    commit.run(),
                    route.source(),
                    commit.info().key(),
                    commit.info().lastModified());
        }
        return missing.size();
    }

    private record Missing(RunId run, ObjectInfo info) {

        static Missing of(ObjectInfo info) {
            BackupLayout layout =
                    BackupLayout.ofCommit(info.key())
                            .orElseThrow(
                                    () -> CairnException.bug(info.key() + " is no commit object"));
            return new Missing(new RunId(layout.root().cluster(), layout.label()), info);
        }
    }

    /**
     * A backup that was refused is not missing any more when another process copied it, or it left
     * its source.
     */
    private void settle(Route route, ObjectStore source, Set<ObjectKey> inTarget) {
        for (ObjectKey key : lag.missing(route.copy())) {
            if (BackupLayout.ofCommit(key).isPresent()
                    && (inTarget.contains(key) || source.head(key).isEmpty())) {
                lag.settled(route.copy(), key);
            }
        }
    }
}
