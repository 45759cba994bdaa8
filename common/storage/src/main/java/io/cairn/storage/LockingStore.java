package io.cairn.storage;

import io.cairn.model.ObjectKey;
import io.cairn.model.backup.StoredObject;
import io.cairn.model.policy.ObjectLockMode;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Optional;
import java.util.function.Function;

/**
 * A store into which everything of a cluster that is to be locked is put with a short lock, so that
 * no byte is ever without one: whoever steals a writer's credential deletes nothing, and an attempt
 * that fails stays for days and not for years. Who finds the backup complete makes the lock longer
 * ({@link ObjectStore#retain}).
 *
 * <p>Records are never locked: nobody may delete them. Where a caller asks for a lock that lasts
 * longer, as for the copy of something that is locked for years, that one is set. Thread-safe.
 */
public final class LockingStore extends ForwardingStore {

    /** How long what is stored is locked at first. */
    public static final Duration FIRST = Duration.ofDays(3);

    /** And a piece, which is not needed any more when its segment is stored. */
    public static final Duration FIRST_OF_PIECE = Duration.ofDays(1);

    private final Function<ObjectKey, Optional<ObjectLockMode>> modes;
    private final InstantSource clock;

    /**
     * @param modes of the cluster that a key belongs to; empty for none
     */
    public LockingStore(
            ObjectStore store,
            Function<ObjectKey, Optional<ObjectLockMode>> modes,
            InstantSource clock) {
        super(store);
        this.modes = modes;
        this.clock = clock;
    }

    @Override
    public PutOutcome putIfAbsent(ObjectKey key, ObjectBody body, PutOptions options) {
        return super.putIfAbsent(key, body, locked(key, options));
    }

    @Override
    public Optional<PutOutcome> copyIfAbsent(
            ObjectStore source, StoredObject object, PutOptions options) {
        return super.copyIfAbsent(source, object, locked(object.key(), options));
    }

    /** What is repaired stays locked for as long as it was, and under its legal hold. */
    @Override
    public PutOutcome replace(ObjectInfo present, ObjectBody body, PutOptions options) {
        PutOptions held = present.legalHold() ? options.withLegalHold() : options;
        PutOptions asBefore =
                present.retention()
                        .filter(retention -> retention.until().isAfter(clock.instant()))
                        .map(held::withAtLeast)
                        .orElse(held);
        return super.replace(present, body, locked(present.key(), asBefore));
    }

    private PutOptions locked(ObjectKey key, PutOptions options) {
        String folder = folder(key);
        if (folder.isEmpty() || folder.equals("records")) {
            return options;
        }
        return modes.apply(key)
                .map(mode -> new Retention(mode, clock.instant().plus(first(key))))
                .map(options::withAtLeast)
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
}
