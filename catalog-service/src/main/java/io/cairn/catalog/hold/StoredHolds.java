package io.cairn.catalog.hold;

import io.cairn.events.CairnEvent;
import io.cairn.events.EventObject;
import io.cairn.events.LegalHoldPlaced;
import io.cairn.events.LegalHoldReleased;
import io.cairn.model.BackupLabel;
import io.cairn.model.ObjectKey;
import io.cairn.model.Sha256;
import io.cairn.model.StoreName;
import io.cairn.model.backup.ClusterRoot;
import io.cairn.model.error.CairnException;
import io.cairn.model.record.LegalHold;
import io.cairn.storage.ObjectBody;
import io.cairn.storage.ObjectInfo;
import io.cairn.storage.ObjectStore;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The records of one cluster's holds as all its stores together show them. What is done in a store
 * is marked there by the event that told it, {@link EventObject#HOLDS}.
 */
final class StoredHolds {

    private static final Pattern RECORD =
            Pattern.compile("(?<label>[^/]+)/(?<id>[0-9a-f]{32})(?<released>\\.released)?\\.json");

    private final ClusterRoot root;
    private final Map<StoreName, ObjectStore> stores;
    private final Map<StoreName, Set<ObjectKey>> keys;
    private final Map<String, BackupLabel> holds = new TreeMap<>();
    private final Set<String> released = new HashSet<>();

    private StoredHolds(
            ClusterRoot root,
            Map<StoreName, ObjectStore> stores,
            Map<StoreName, Set<ObjectKey>> keys) {
        this.root = root;
        this.stores = stores;
        this.keys = keys;
        keys.values().stream().flatMap(Set::stream).forEach(this::add);
    }

    /**
     * @param stores those that answer
     */
    static StoredHolds read(ClusterRoot root, List<ObjectStore> stores) {
        Map<StoreName, ObjectStore> byName = new LinkedHashMap<>();
        Map<StoreName, Set<ObjectKey>> keys = new LinkedHashMap<>();
        for (ObjectStore store : stores) {
            try (Stream<ObjectInfo> listed = store.list(LegalHold.prefix(root))) {
                keys.put(
                        store.name(),
                        listed.map(ObjectInfo::key).collect(Collectors.toCollection(TreeSet::new)));
            }
            byName.put(store.name(), store);
        }
        return new StoredHolds(root, byName, keys);
    }

    private void add(ObjectKey key) {
        Matcher matcher = RECORD.matcher(key.value().substring(LegalHold.prefix(root).length()));
        if (matcher.matches()) {
            holds.put(matcher.group("id"), new BackupLabel(matcher.group("label")));
            if (matcher.group("released") != null) {
                released.add(matcher.group("id"));
            }
        }
    }

    /** Of those that were released too. */
    Set<String> ids() {
        return holds.keySet();
    }

    BackupLabel label(String id) {
        BackupLabel label = holds.get(id);
        if (label == null) {
            throw CairnException.bug("no hold " + id);
        }
        return label;
    }

    boolean isReleased(String id) {
        return released.contains(id);
    }

    /** Those in force. */
    Set<String> inForce() {
        return holds.keySet().stream()
                .filter(id -> !isReleased(id))
                .collect(Collectors.toCollection(TreeSet::new));
    }

    boolean isIn(StoreName store, ObjectKey key) {
        return keys.getOrDefault(store, Set.of()).contains(key);
    }

    ObjectKey key(String id) {
        return root.record(EventObject.HOLDS, label(id).value(), id);
    }

    ObjectKey releaseKey(String id) {
        return root.record(EventObject.HOLDS, label(id).value(), id + ".released");
    }

    /** Where it lies that a hold is placed in a store. */
    ObjectKey placedMark(String id, StoreName store) {
        return markKey(id, LegalHoldPlaced.id(root.cluster(), id, store));
    }

    /** Where it lies that a hold has ended in a store. */
    ObjectKey releasedMark(String id, StoreName store) {
        return markKey(id, LegalHoldReleased.id(root.cluster(), id, store));
    }

    /** Where an event's object lies, by the event's id alone. */
    private ObjectKey markKey(String id, String eventId) {
        return root.record(
                EventObject.HOLDS,
                label(id).value(),
                Sha256.of(eventId.getBytes(StandardCharsets.UTF_8)).hex());
    }

    LegalHold hold(String id) {
        return LegalHold.fromJson(read(key(id)), key(id).value());
    }

    Optional<LegalHold.Release> release(String id) {
        if (!isReleased(id)) {
            return Optional.empty();
        }
        ObjectKey key = releaseKey(id);
        return Optional.of(LegalHold.Release.fromJson(read(key), key.value()));
    }

    private byte[] read(ObjectKey key) {
        return stores.values().stream()
                .filter(store -> isIn(store.name(), key))
                .findFirst()
                .map(store -> store.read(key, LegalHold.BYTES_MAX))
                .orElseThrow(() -> CairnException.bug("no store has " + key));
    }

    /** Copies a record into a store that lacks it. */
    void ensure(ObjectStore store, ObjectKey key) {
        if (!isIn(store.name(), key)) {
            store.putIfAbsent(key, ObjectBody.of(read(key))).orThrow();
        }
    }

    /** After the event was told: whoever finds the mark need not do it again. */
    void mark(ObjectStore store, String id, CairnEvent event) {
        EventObject object = EventObject.of(event);
        // Told twice, the second time in other words: the first stands.
        store.putIfAbsent(
                object.key(root, EventObject.HOLDS, label(id)), ObjectBody.of(object.toJson()));
    }
}
