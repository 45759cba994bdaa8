package io.cairn.catalog.key;

import io.cairn.config.CairnConfig;
import io.cairn.model.ClusterName;
import io.cairn.model.ObjectKey;
import io.cairn.model.backup.ClusterRoot;
import io.cairn.model.error.CairnException;
import io.cairn.model.record.Shredded;
import io.cairn.service.storage.Stores;
import io.cairn.storage.ClusterRoots;
import io.cairn.storage.ObjectInfo;
import io.cairn.storage.ObjectStore;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.time.Instant;
import java.util.Collection;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;

/**
 * The lives of clusters whose keys were shredded, as the stores' records say. It was for ever, so
 * what is known once stays known. Thread-safe.
 */
@ApplicationScoped
public class ShreddedKeys {

    private final Collection<ClusterName> clusters;
    private final Collection<ObjectStore> stores;
    private final Map<ClusterRoot, Shredded> known = new ConcurrentHashMap<>();

    @Inject
    ShreddedKeys(CairnConfig config, Stores stores) {
        this(
                config.clusters().keySet(),
                config.stores().keySet().stream().map(stores::store).toList());
    }

    ShreddedKeys(Collection<ClusterName> clusters, Collection<ObjectStore> stores) {
        this.clusters = clusters;
        this.stores = stores;
    }

    /**
     * Looks into every store that answers, also behind one that does not.
     *
     * @throws CairnException that of the first store that did not
     */
    public void look() {
        Optional<CairnException> away = Optional.empty();
        for (ObjectStore store : stores) {
            try {
                clusters.forEach(cluster ->
                        ClusterRoots.of(cluster, store).stream()
                                .filter(root -> !known.containsKey(root))
                                .forEach(root -> look(root, store)));
            } catch (CairnException e) {
                away = away.or(() -> Optional.of(e));
            }
        }
        away.ifPresent(e -> {
            throw e;
        });
    }

    private void look(ClusterRoot root, ObjectStore store) {
        ObjectKey key = Shredded.key(root);
        boolean there;
        try (Stream<ObjectInfo> listed = store.list(key.value())) {
            there = listed.anyMatch(info -> info.key().equals(key));
        }
        if (there) {
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
