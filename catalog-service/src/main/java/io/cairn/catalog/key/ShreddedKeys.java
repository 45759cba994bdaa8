package io.cairn.catalog.key;

import io.cairn.config.CairnConfig;
import io.cairn.model.ObjectKey;
import io.cairn.model.backup.ClusterRoot;
import io.cairn.model.error.CairnException;
import io.cairn.model.error.ErrorCategory;
import io.cairn.model.record.Shredded;
import io.cairn.service.storage.Stores;
import io.cairn.storage.ClusterRoots;
import io.cairn.storage.ObjectStore;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The lives of clusters whose keys were shredded, as the stores' records say. It was for ever, so
 * what is known once stays known. Also of clusters that the configuration does not name any more:
 * their backups are still there. Thread-safe.
 */
@ApplicationScoped
public class ShreddedKeys {

    private final Collection<ObjectStore> stores;
    private final Map<ClusterRoot, Shredded> known = new ConcurrentHashMap<>();

    @Inject
    ShreddedKeys(CairnConfig config, Stores stores) {
        this(config.stores().keySet().stream().map(stores::store).toList());
    }

    ShreddedKeys(Collection<ObjectStore> stores) {
        this.stores = stores;
    }

    /**
     * Looks into every store that answers, also behind one that does not, and at every cluster
     * there, also behind one whose record cannot be read.
     *
     * @throws CairnException the first of those failures
     */
    public void look() {
        List<CairnException> failures = new ArrayList<>();
        for (ObjectStore store : stores) {
            look(store, failures);
        }
        if (!failures.isEmpty()) {
            throw failures.getFirst();
        }
    }

    private void look(ObjectStore store, List<CairnException> failures) {
        try {
            for (ClusterRoot root : ClusterRoots.all(store)) {
                if (!known.containsKey(root)) {
                    look(root, store, failures);
                }
            }
        } catch (CairnException e) {
            failures.add(e);
        }
    }

    private void look(ClusterRoot root, ObjectStore store, List<CairnException> failures) {
        try {
            look(root, store);
        } catch (CairnException e) {
            if (e.category() == ErrorCategory.TRANSIENT) {
                // The store is away, for the other clusters as well.
                throw e;
            }
            failures.add(e);
        }
    }

    private void look(ClusterRoot root, ObjectStore store) {
        ObjectKey key = Shredded.key(root);
        if (store.isListed(key)) {
            known.put(
                    root,
                    Shredded.fromJson(
                            store.read(key, Shredded.BYTES_MAX),
                            key + " in store '" + store.name() + "'"));
        }
    }

    /**
     * Whether a backup is among what opens no more.
     *
     * @param completedAt a backup that was completed later has a key of its own
     */
    public Optional<Shredded> of(ClusterRoot root, Instant completedAt) {
        return Optional.ofNullable(known.get(root))
                .filter(shredded -> !completedAt.isAfter(shredded.at()));
    }

    /** All of them. */
    public Map<ClusterRoot, Shredded> all() {
        return Map.copyOf(known);
    }
}
