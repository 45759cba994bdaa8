package io.cairn.sync;

import io.cairn.model.ObjectKey;
import io.cairn.model.StoreName;
import io.cairn.storage.ObjectInfo;
import io.cairn.storage.ObjectStore;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The listings of several stores as one, in the order of the keys. Holds one page of each. For one
 * thread.
 */
final class MergedListing implements Iterator<MergedListing.Listed> {

    private final List<Cursor> cursors = new ArrayList<>();

    /** One name, and what each store that has it tells of it. */
    record Listed(ObjectKey key, Map<StoreName, ObjectInfo> in) {

        long length() {
            return in.values().stream().mapToLong(ObjectInfo::length).max().orElse(0);
        }
    }

    MergedListing(List<ObjectStore> stores, String prefix) {
        stores.forEach(store -> cursors.add(new Cursor(store, prefix)));
    }

    /** The key that comes next. */
    Optional<ObjectKey> peek() {
        return cursors.stream()
                .flatMap(cursor -> Optional.ofNullable(cursor.current).stream())
                .map(ObjectInfo::key)
                .min(ObjectKey::compareTo);
    }

    @Override
    public boolean hasNext() {
        return peek().isPresent();
    }

    @Override
    public Listed next() {
        ObjectKey key = peek().orElseThrow(NoSuchElementException::new);
        Map<StoreName, ObjectInfo> in = new LinkedHashMap<>();
        for (Cursor cursor : cursors) {
            ObjectInfo info = cursor.current;
            if (info != null && info.key().equals(key)) {
                in.put(cursor.store, info);
                cursor.advance();
            }
        }
        return new Listed(key, in);
    }

    private static final class Cursor {

        private final StoreName store;
        private final Iterator<ObjectInfo> objects;
        private @Nullable ObjectInfo current;

        Cursor(ObjectStore store, String prefix) {
            this.store = store.name();
            this.objects = store.list(prefix).iterator();
            advance();
        }

        private void advance() {
            current = objects.hasNext() ? objects.next() : null;
        }
    }
}
