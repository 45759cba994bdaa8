package io.cairn.replication.wal;

import io.cairn.model.ObjectKey;
import io.cairn.storage.ObjectInfo;
import io.cairn.storage.ObjectStore;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * What two stores do not have in common under a prefix, by listing both. Nothing is asked of single
 * objects: what both have is taken for the same if it has the same length.
 *
 * @param differences in the order of their keys
 * @param next where to go on, once the differences are settled
 * @param complete whether both listings were read to their end
 */
record Comparison(List<Difference> differences, Progress next, boolean complete) {

    /** Keys that are looked at again: more than one session has on their way at once. */
    static final int LOOK_BACK = 256;

    Comparison {
        differences = List.copyOf(differences);
    }

    /** At least one of the stores has it; where both do, the lengths differ. */
    record Difference(ObjectKey key, Optional<ObjectInfo> first, Optional<ObjectInfo> second) {}

    /**
     * @param prefix under which all keys are compared that are {@code wanted}
     * @param limit differences, at most
     */
    static Comparison of(
            ObjectStore first,
            ObjectStore second,
            String prefix,
            Predicate<ObjectKey> wanted,
            Progress from,
            int limit) {
        Cursor one = new Cursor(first, prefix, wanted, from);
        Cursor other = new Cursor(second, prefix, wanted, from);
        List<Difference> differences = new ArrayList<>();
        ArrayDeque<ObjectKey> seen = new ArrayDeque<>();
        Optional<ObjectKey> after = from.after();
        while (differences.size() < limit && (one.isThere() || other.isThere())) {
            ObjectKey key = one.isBehind(other) ? other.key() : one.key();
            Difference found = new Difference(key, one.take(key), other.take(key));
            if (!isSame(found) && !from.settled().contains(key)) {
                differences.add(found);
            }
            seen.addLast(key);
            if (seen.size() > LOOK_BACK) {
                after = Optional.of(seen.removeFirst());
            }
        }
        return new Comparison(
                differences,
                new Progress(after, new HashSet<>(seen)),
                !one.isThere() && !other.isThere());
    }

    private static boolean isSame(Difference found) {
        return found.first().isPresent()
                && found.second().isPresent()
                && found.first().get().length() == found.second().get().length();
    }

    /** A listing with its next object in hand. */
    private static final class Cursor {

        private final Iterator<ObjectInfo> objects;
        private @Nullable ObjectInfo current;

        Cursor(ObjectStore store, String prefix, Predicate<ObjectKey> wanted, Progress from) {
            this.objects =
                    store.list(prefix, from.after())
                            .filter(info -> wanted.test(info.key()))
                            .iterator();
            advance();
        }

        private void advance() {
            current = objects.hasNext() ? objects.next() : null;
        }

        boolean isThere() {
            return current != null;
        }

        ObjectKey key() {
            return Objects.requireNonNull(current).key();
        }

        boolean isBehind(Cursor other) {
            return current == null
                    || (other.current != null && current.key().compareTo(other.current.key()) > 0);
        }

        /** The object of that key, if it is the next. */
        Optional<ObjectInfo> take(ObjectKey key) {
            ObjectInfo here = current;
            if (here == null || !here.key().equals(key)) {
                return Optional.empty();
            }
            advance();
            return Optional.of(here);
        }
    }
}
