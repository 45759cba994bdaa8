package io.cairn.restore.key;

import io.cairn.model.backup.ClusterRoot;
import io.cairn.storage.ObjectInfo;
import io.cairn.storage.ObjectStore;
import java.util.List;
import java.util.TreeMap;
import java.util.stream.Stream;

/** What lies under a cluster's {@code keys/}. */
final class KeyInventory {

    private KeyInventory() {}

    /** Every key that has a wrap in any of the stores, by name. Fails if one cannot be listed. */
    static List<StoredKey> list(ClusterRoot root, List<ObjectStore> stores) {
        TreeMap<String, StoredKey> keys = new TreeMap<>();
        for (ObjectStore store : stores) {
            try (Stream<ObjectInfo> wraps = store.list(root.keysPrefix())) {
                wraps.map(ObjectInfo::key)
                        .forEach(wrap ->
                                StoredKey.nameOf(wrap)
                                        .ifPresent(name ->
                                                keys.computeIfAbsent(name, StoredKey::new)
                                                        .add(store.name(), wrap)));
            }
        }
        return List.copyOf(keys.values());
    }
}
