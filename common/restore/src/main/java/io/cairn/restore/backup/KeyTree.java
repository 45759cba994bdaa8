package io.cairn.restore.backup;

import io.cairn.model.ObjectKey;
import io.cairn.storage.ObjectInfo;
import io.cairn.storage.ObjectPage;
import io.cairn.storage.ObjectStore;
import java.util.List;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;

/**
 * The names of the next level below a prefix, as a directory listing would give them. What lies
 * below a name is skipped: the next page begins behind it, so that a backup of ten thousand volumes
 * costs one request, not ten.
 */
final class KeyTree {

    /**
     * The highest character of a key's alphabet: no key sorts between {@code name/~} and the next
     * name.
     */
    private static final String BEHIND = "/~";

    private KeyTree() {}

    /**
     * @param prefix empty, or ending with {@code /}
     */
    static SortedSet<String> children(ObjectStore store, String prefix) {
        SortedSet<String> names = new TreeSet<>();
        Optional<ObjectKey> after = Optional.empty();
        do {
            ObjectPage page = store.list(prefix, after, ObjectPage.LIMIT);
            List<String> found =
                    page.objects().stream()
                            .map(ObjectInfo::key)
                            .flatMap(key -> child(prefix, key).stream())
                            .toList();
            names.addAll(found);
            after =
                    page.next()
                            .map(next ->
                                    child(prefix, next)
                                            .map(name -> new ObjectKey(prefix + name + BEHIND))
                                            .filter(behind -> behind.compareTo(next) > 0)
                                            .orElse(next));
        } while (after.isPresent());
        return names;
    }

    private static Optional<String> child(String prefix, ObjectKey key) {
        int slash = key.value().indexOf('/', prefix.length());
        return slash < 0
                ? Optional.empty()
                : Optional.of(key.value().substring(prefix.length(), slash));
    }
}
