package io.cairn.storage;

import io.cairn.model.ObjectKey;
import io.cairn.model.StoreName;
import io.cairn.model.archival.RetrievalTier;
import io.cairn.model.backup.StoredObject;
import io.cairn.model.policy.ObjectLockMode;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/**
 * A store into which everything of a cluster that is to be locked is put with a short lock, so that
 * no byte is ever without one: whoever steals a writer's credential deletes nothing, and an attempt
 * that fails stays for days and not for years. Who finds the backup complete makes the lock longer
 * ({@link ObjectStore#retain}).
 *
 * <p>Records are never locked: nobody may delete them. Where a caller asks for a lock of its own,
 * that one is set. Thread-safe.
 */
public final class LockingStore implements ObjectStore {

    /** How long what is stored is locked at first. */
    public static final Duration FIRST = Duration.ofDays(3);

    /** And a piece, which is not needed any more when its segment is stored. */
    public static final Duration FIRST_OF_PIECE = Duration.ofDays(1);

    private final ObjectStore store;
    private final Function<ObjectKey, Optional<ObjectLockMode>> modes;
    private final InstantSource clock;

    /**
     * @param modes of the cluster that a key belongs to; empty for none
     */
    public LockingStore(
            ObjectStore store,
            Function<ObjectKey, Optional<ObjectLockMode>> modes,
            InstantSource clock) {
        this.store = store;
        this.modes = modes;
        this.clock = clock;
    }

    @Override
    public StoreName name() {
        return store.name();
    }

    @Override
    public PutOutcome putIfAbsent(ObjectKey key, ObjectBody body, PutOptions options) {
        return store.putIfAbsent(key, body, locked(key, options));
    }

    @Override
    public Optional<PutOutcome> copyIfAbsent(
            ObjectStore source, StoredObject object, PutOptions options) {
        return store.copyIfAbsent(within(source), object, locked(object.key(), options));
    }

    /** What a lock adds lies around the store that copies. */
    private static ObjectStore within(ObjectStore source) {
        return source instanceof LockingStore locking ? within(locking.store) : source;
    }

    /** What is repaired stays locked for as long as it was. */
    @Override
    public PutOutcome replace(ObjectInfo present, ObjectBody body, PutOptions options) {
        Instant shortest = clock.instant().plus(first(present.key()));
        PutOptions kept =
                present.retention()
                        .filter(_ -> options.retention().isEmpty())
                        .filter(retention -> retention.until().isAfter(shortest))
                        .map(options::withRetention)
                        .orElseGet(() -> locked(present.key(), options));
        return store.replace(present, body, kept);
    }

    private PutOptions locked(ObjectKey key, PutOptions options) {
        String folder = folder(key);
        if (options.retention().isPresent() || folder.isEmpty() || folder.equals("records")) {
            return options;
        }
        return modes.apply(key)
                .map(mode -> new Retention(mode, clock.instant().plus(first(key))))
                .map(options::withRetention)
                .orElse(options);
    }

    private static Duration first(ObjectKey key) {
        return folder(key).equals("pieces") ? FIRST_OF_PIECE : FIRST;
    }

    /** {@code <cluster>/<system identifier>/<folder>/…}; empty for what is no cluster's. */
    private static String folder(ObjectKey key) {
        String[] parts = key.value().split("/", 4);
        return parts.length < 4 ? "" : parts[2];
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
