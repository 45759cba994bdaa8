package io.cairn.storage.lifecycle;

import io.cairn.model.ObjectKey;
import io.cairn.model.backup.StoredObject;
import io.cairn.storage.ForwardingStore;
import io.cairn.storage.ObjectBody;
import io.cairn.storage.ObjectInfo;
import io.cairn.storage.ObjectStore;
import io.cairn.storage.PutOptions;
import io.cairn.storage.PutOutcome;
import java.util.Optional;

/**
 * A store into which everything is put as its {@link Placement} says, whoever puts it: an executor,
 * a copy, a repair. Where a caller asks for tags or a storage class itself, it gets those.
 * Thread-safe.
 */
public final class PlacingStore extends ForwardingStore {

    private final Placement placement;

    public PlacingStore(ObjectStore store, Placement placement) {
        super(store);
        this.placement = placement;
    }

    @Override
    public PutOutcome putIfAbsent(ObjectKey key, ObjectBody body, PutOptions options) {
        return super.putIfAbsent(key, body, placed(key, options));
    }

    @Override
    public Optional<PutOutcome> copyIfAbsent(
            ObjectStore source, StoredObject object, PutOptions options) {
        return super.copyIfAbsent(source, object, placed(object.key(), options));
    }

    @Override
    public PutOutcome replace(ObjectInfo present, ObjectBody body, PutOptions options) {
        return super.replace(present, body, placed(present.key(), options));
    }

    private PutOptions placed(ObjectKey key, PutOptions options) {
        PutOptions wanted = placement.options(key);
        PutOptions tagged = options.tags().isEmpty() ? options.withTags(wanted.tags()) : options;
        return options.storageClass().isPresent()
                ? tagged
                : wanted.storageClass().map(tagged::withStorageClass).orElse(tagged);
    }
}
