package io.cairn.catalog.rebuild;

import io.cairn.catalog.backup.Backups;
import io.cairn.catalog.backup.RequiredCopies;
import io.cairn.catalog.cluster.Standings;
import io.cairn.catalog.projection.CatchUp;
import io.cairn.catalog.wal.ArchivedWal;
import io.cairn.config.CairnConfig;
import io.cairn.events.BackupCompleted;
import io.cairn.events.WalArchived;
import io.cairn.model.ObjectKey;
import io.cairn.model.RunId;
import io.cairn.model.StoreName;
import io.cairn.model.backup.BackupLayout;
import io.cairn.model.backup.ClusterRoot;
import io.cairn.model.backup.CommitObject;
import io.cairn.model.error.CairnException;
import io.cairn.model.error.ErrorCategory;
import io.cairn.model.error.ErrorCode;
import io.cairn.service.events.EventPublisher;
import io.cairn.service.storage.Stores;
import io.cairn.storage.ObjectInfo;
import io.cairn.storage.ObjectStore;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jboss.logging.Logger;

/**
 * Finds commit objects and WAL of which no event told (the executor died between the two, the topic
 * was lost) and publishes their BackupCompleted and WalArchived, so that everybody learns of them.
 * Blocking; thread-safe.
 */
@ApplicationScoped
public class Reconciliation {

    private static final Logger LOG = Logger.getLogger(Reconciliation.class);

    private final CairnConfig config;
    private final Stores stores;
    private final Backups backups;
    private final Standings standings;
    private final CatchUp events;
    private final EventPublisher publisher;
    private final InstantSource clock;
    private final RebuildSettings settings;

    @Inject
    Reconciliation(
            CairnConfig config,
            Stores stores,
            Backups backups,
            Standings standings,
            CatchUp events,
            EventPublisher publisher,
            InstantSource clock,
            RebuildSettings settings) {
        this.config = config;
        this.stores = stores;
        this.backups = backups;
        this.standings = standings;
        this.events = events;
        this.publisher = publisher;
        this.clock = clock;
        this.settings = settings;
    }

    /**
     * Looks through every store; one that does not answer does not keep it from the others. Waits
     * first until all that was told is projected: to a catalog that is still reading the log after
     * its database was lost, every backup would be unknown, and telling of all again would have all
     * validated again.
     *
     * @return how many backups were told of
     * @throws CairnException the first store's or broker's error, after all stores were tried;
     *     {@link ErrorCode#RUN_STALLED} if the projection does not catch up
     */
    public int run() {
        events.await(settings.patience());
        Instant old = clock.instant().minus(settings.grace());
        Set<RunId> known = new HashSet<>(backups.known());
        Map<String, ArchivedWal> wal = knownWal();
        CairnException failure = null;
        int told = 0;
        for (StoreName name : config.stores().keySet()) {
            try {
                told += tellUnknown(stores.store(name), old, known);
                tellUnknownWal(stores.store(name), wal);
            } catch (CairnException e) {
                if (failure == null) {
                    failure = e;
                } else {
                    failure.addSuppressed(e);
                }
            }
        }
        if (failure != null) {
            throw failure;
        }
        return told;
    }

    private int tellUnknown(ObjectStore store, Instant old, Set<RunId> known) {
        BucketWalk walk = new BucketWalk(store);
        List<ObjectInfo> unknown =
                walk.roots().stream()
                        .flatMap(root -> walk.commits(root).stream())
                        .filter(commit -> commit.lastModified().isBefore(old))
                        .filter(commit -> !known.contains(run(commit.key())))
                        .toList();
        int told = 0;
        for (ObjectInfo commit : unknown) {
            if (tell(store, commit.key())) {
                known.add(run(commit.key()));
                told++;
            }
        }
        return told;
    }

    private Map<String, ArchivedWal> knownWal() {
        return standings.all().values().stream()
                .flatMap(standing -> standing.wal().archived().stream())
                .collect(Collectors.toMap(ArchivedWal::id, Function.identity()));
    }

    /** The newest backup says how large the segments are; without any, WAL is of no use. */
    private void tellUnknownWal(ObjectStore store, Map<String, ArchivedWal> known) {
        BucketWalk walk = new BucketWalk(store);
        for (ClusterRoot root : walk.roots()) {
            readableCommit(store, walk.commits(root).reversed())
                    .ifPresent(commit ->
                            new WalListing(store, commit)
                                    .events(wrong ->
                                            LOG.errorf(
                                                    "Cannot place %s: %s",
                                                    wrong.key(), wrong.reason().messageWithHint()))
                                    .forEach(found -> tellIfNew(found, known)));
        }
    }

    private static Optional<CommitObject> readableCommit(
            ObjectStore store, List<ObjectInfo> newestFirst) {
        for (ObjectInfo info : newestFirst) {
            try {
                return Optional.of(CommitReader.read(store, info.key()).commit());
            } catch (CairnException e) {
                if (e.category() == ErrorCategory.TRANSIENT) {
                    throw e;
                }
                // Said when its backup was to be told of; an older one does as well.
                LOG.debugf("%s: %s", info.key(), e.messageWithHint());
            }
        }
        return Optional.empty();
    }

    private void tellIfNew(WalArchived found, Map<String, ArchivedWal> known) {
        ArchivedWal wal = ArchivedWal.of(found);
        ArchivedWal before = known.get(wal.id());
        if (before == null || !before.covers(wal)) {
            publisher.publish(found);
            LOG.infof(
                    "WAL of %s from %s to %s on timeline %s in store '%s' was told of by no event; now it is",
                    found.cluster(), found.start(), found.end(), found.timeline(), found.store());
        }
    }

    private static RunId run(ObjectKey commit) {
        BackupLayout layout = BackupLayout.ofCommit(commit).orElseThrow();
        return new RunId(layout.root().cluster(), layout.label());
    }

    private boolean tell(ObjectStore store, ObjectKey key) {
        try {
            CommitReader.Commit read = CommitReader.read(store, key);
            StoreName active = RequiredCopies.of(config).of(read.commit().tier()).getFirst();
            // Where it lies in both, the active store is where it was committed and this one is a
            // copy.
            boolean copy =
                    !active.equals(store.name()) && stores.store(active).head(key).isPresent();
            publisher.publish(
                    BackupCompleted.of(read.commit(), read.object(), copy ? active : store.name()));
            LOG.infof(
                    "Backup %s in store '%s' was told of by no event; now it is",
                    read.commit().run(), store.name());
            return true;
        } catch (CairnException e) {
            if (e.category() == ErrorCategory.TRANSIENT) {
                throw e;
            }
            LOG.errorf("Cannot tell of %s: %s: %s", key, e.code(), e.messageWithHint());
            return false;
        }
    }
}
