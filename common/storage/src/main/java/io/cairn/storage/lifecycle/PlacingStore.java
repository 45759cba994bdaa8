package io.cairn.storage.lifecycle;

import io.cairn.model.ObjectKey;
import io.cairn.model.StoreName;
import io.cairn.model.archival.RetrievalTier;
import io.cairn.model.backup.StoredObject;
import io.cairn.storage.ObjectBody;
import io.cairn.storage.ObjectContent;
import io.cairn.storage.ObjectInfo;
import io.cairn.storage.ObjectPage;
import io.cairn.storage.ObjectStore;
import io.cairn.storage.PutOptions;
import io.cairn.storage.PutOutcome;
import io.cairn.storage.Retention;
import java.util.Map;
import java.util.Optional;

/**
 * A store into which everything is put as its {@link Placement} says, whoever puts it: an executor,
 * a copy, a repair. Where a caller asks for tags or a storage class itself, it gets those.
 * Thread-safe.
 */
public final class PlacingStore implements ObjectStore {

    private final ObjectStore store;
    private final Placement placement;

    public PlacingStore(ObjectStore store, Placement placement) {
        this.store = store;
        this.placement = placement;
    }

    @Override
    public StoreName name() {
        return store.name();
    }

    @Override
    public PutOutcome putIfAbsent(ObjectKey key, ObjectBody body, PutOptions options) {
        return store.putIfAbsent(key, body, placed(key, options));
    }

    @Override
    public Optional<PutOutcome> copyIfAbsent(
            ObjectStore source, StoredObject object, PutOptions options) {
        return store.copyIfAbsent(within(source), object, placed(object.key(), options));
    }

    /** What a placement adds lies around the store that copies. */
    private static ObjectStore within(ObjectStore source) {
        return source instanceof PlacingStore placing ? within(placing.store) : source;
    }

    @Override
    public PutOutcome replace(ObjectInfo present, ObjectBody body, PutOptions options) {
        return store.replace(present, body, placed(present.key(), options));
    }

    private PutOptions placed(ObjectKey key, PutOptions options) {
        PutOptions wanted = placement.options(key);
        PutOptions tagged = options.tags().isEmpty() ? options.withTags(wanted.tags()) : options;
        return options.storageClass().isPresent()
                ? tagged
                : wanted.storageClass().map(tagged::withStorageClass).orElse(tagged);
    }

    @Override
    public Optional<ObjectInfo> head(ObjectKey key) {
        return store.head(key);
    }

    @Override
    public ObjectContent get(ObjectKey key) {
        return store.get(key);
    }

    @Override
    public ObjectContent get(ObjectKey key, long offset, long length) {
        return store.get(key, offset, length);
    }

    @Override
    public ObjectPage list(String prefix, Optional<ObjectKey> after, int limit) {
        return store.list(prefix, after, limit);
    }

    @Override
    public void delete(ObjectKey key) {
        store.delete(key);
    }

    @Override
    public void retain(ObjectKey key, Retention retention) {
        store.retain(key, retention);
    }

    @Override
    public Optional<Retention> retention(ObjectKey key) {
        return store.retention(key);
    }

    @Override
    public boolean held(ObjectKey key) {
        return store.held(key);
    }

    @Override
    public void hold(ObjectKey key, boolean placed) {
        store.hold(key, placed);
    }

    @Override
    public void tag(ObjectKey key, Map<String, String> tags) {
        store.tag(key, tags);
    }

    @Override
    public Map<String, String> tags(ObjectKey key) {
        return store.tags(key);
    }

    @Override
    public void thaw(ObjectKey key, RetrievalTier tier, int days) {
        store.thaw(key, tier, days);
    }

    @Override
    public void close() {
        store.close();
    }
}
