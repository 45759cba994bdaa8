package io.cairn.catalog.rebuild;

import io.cairn.catalog.backup.Backups;
import io.cairn.catalog.backup.RequiredCopies;
import io.cairn.catalog.projection.CatchUp;
import io.cairn.config.CairnConfig;
import io.cairn.events.BackupCompleted;
import io.cairn.model.ObjectKey;
import io.cairn.model.RunId;
import io.cairn.model.StoreName;
import io.cairn.model.backup.BackupLayout;
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
import java.util.Set;
import org.jboss.logging.Logger;

/**
 * Finds commit objects of which no event told (the executor died between the two, the topic was
 * lost) and publishes their BackupCompleted, so that everybody learns of them. Blocking;
 * thread-safe.
 */
@ApplicationScoped
public class Reconciliation {

    private static final Logger LOG = Logger.getLogger(Reconciliation.class);

    private final CairnConfig config;
    private final Stores stores;
    private final Backups backups;
    private final CatchUp events;
    private final EventPublisher publisher;
    private final InstantSource clock;
    private final RebuildSettings settings;

    @Inject
    Reconciliation(
            CairnConfig config,
            Stores stores,
            Backups backups,
            CatchUp events,
            EventPublisher publisher,
            InstantSource clock,
            RebuildSettings settings) {
        this.config = config;
        this.stores = stores;
        this.backups = backups;
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
        CairnException failure = null;
        int told = 0;
        for (StoreName name : config.stores().keySet()) {
            try {
                told += tellUnknown(stores.store(name), old, known);
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
