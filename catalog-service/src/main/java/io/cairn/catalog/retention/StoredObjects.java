package io.cairn.catalog.retention;

import io.cairn.model.ObjectKey;
import io.cairn.model.StoreName;
import io.cairn.model.backup.ClusterRoot;
import io.cairn.storage.ObjectInfo;
import io.cairn.storage.ObjectStore;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.SequencedMap;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;

/**
 * Everything of one life of a cluster, in every store, as a listing shows it. Made completely or
 * not at all; what is deleted is taken out of it.
 */
final class StoredObjects {

    private final ClusterRoot root;
    private final SequencedMap<StoreName, ObjectStore> stores = new LinkedHashMap<>();
    private final Map<StoreName, NavigableMap<String, ObjectInfo>> objects = new LinkedHashMap<>();

    private StoredObjects(ClusterRoot root) {
        this.root = root;
    }

    /**
     * @param stores all that there are; of one that is not in {@code policy} only what it holds
     *     counts
     * @throws io.cairn.model.error.CairnException the first store's that does not answer
     */
    static StoredObjects list(
            ClusterRoot root, List<ObjectStore> stores, Collection<StoreName> policy) {
        StoredObjects all = new StoredObjects(root);
        for (ObjectStore store : stores) {
            NavigableMap<String, ObjectInfo> found = new TreeMap<>();
            try (Stream<ObjectInfo> listed = store.list(root.prefix())) {
                listed.forEach(info -> found.put(info.key().value(), info));
            }
            if (!found.isEmpty() || policy.contains(store.name())) {
                all.stores.put(store.name(), store);
                all.objects.put(store.name(), found);
            }
        }
        return all;
    }

    ClusterRoot root() {
        return root;
    }

    Set<StoreName> names() {
        return Collections.unmodifiableSet(stores.keySet());
    }

    /** Those that hold anything of the cluster. */
    Set<StoreName> inhabited() {
        Set<StoreName> inhabited = new TreeSet<>();
        objects.forEach((store, found) -> {
            if (!found.isEmpty()) {
                inhabited.add(store);
            }
        });
        return inhabited;
    }

    List<ObjectStore> stores() {
        return List.copyOf(stores.values());
    }

    ObjectStore store(StoreName name) {
        ObjectStore store = stores.get(name);
        if (store == null) {
            throw new IllegalArgumentException("no store " + name);
        }
        return store;
    }

    /** What lies under a prefix in one store, by key. */
    List<ObjectInfo> in(StoreName store, String prefix) {
        // No key has a character behind ~.
        return List.copyOf(of(store).subMap(prefix, prefix + "\u007f").values());
    }

    boolean has(StoreName store, ObjectKey key) {
        return of(store).containsKey(key.value());
    }

    private NavigableMap<String, ObjectInfo> of(StoreName store) {
        return objects.getOrDefault(store, new TreeMap<>());
    }

    /** The keys under a prefix in any store. */
    Set<ObjectKey> keys(String prefix) {
        Set<ObjectKey> keys = new TreeSet<>();
        names().forEach(store -> in(store, prefix).forEach(info -> keys.add(info.key())));
        return keys;
    }

    /** Every object of every store, with the store. */
    Stream<Placed> all(String prefix) {
        return names().stream()
                .flatMap(store -> in(store, prefix).stream().map(info -> new Placed(store, info)));
    }

    record Placed(StoreName store, ObjectInfo info) {}

    void gone(StoreName store, ObjectKey key) {
        of(store).remove(key.value());
    }

    long bytes() {
        return objects.values().stream()
                .flatMap(found -> found.values().stream())
                .mapToLong(ObjectInfo::length)
                .sum();
    }
}
