package io.cairn.storage;

import io.cairn.model.ObjectKey;
import io.cairn.model.StoreName;
import io.cairn.model.archival.RetrievalTier;
import io.cairn.model.backup.StoredObject;
import java.util.Map;
import java.util.Optional;

/**
 * A store that another one lies beneath, and that hands everything on to it: for those that do
 * something of it differently.
 */
public abstract class ForwardingStore implements ObjectStore {

    private final ObjectStore store;

    protected ForwardingStore(ObjectStore store) {
        this.store = store;
    }

    /** The one beneath. */
    protected final ObjectStore store() {
        return store;
    }

    @Override
    public StoreName name() {
        return store.name();
    }

    @Override
    public PutOutcome putIfAbsent(ObjectKey key, ObjectBody body, PutOptions options) {
        return store.putIfAbsent(key, body, options);
    }

    /** What lies around the source is of no concern to the store that copies. */
    @Override
    public Optional<PutOutcome> copyIfAbsent(
            ObjectStore source, StoredObject object, PutOptions options) {
        return store.copyIfAbsent(innermost(source), object, options);
    }

    private static ObjectStore innermost(ObjectStore source) {
        return source instanceof ForwardingStore around ? innermost(around.store) : source;
    }

    @Override
    public PutOutcome replace(ObjectInfo present, ObjectBody body, PutOptions options) {
        return store.replace(present, body, options);
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
