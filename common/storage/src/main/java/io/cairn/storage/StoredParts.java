package io.cairn.storage;

import io.cairn.model.ObjectKey;
import io.cairn.model.backup.CommitObject;
import io.cairn.model.backup.StoredObject;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What a store has of a backup besides its commit object and signature, by listing: its parts, and
 * the wraps of its key, which lie apart from the others. Listed, since not everybody may look at
 * keys.
 *
 * @param objects also those that the commit object does not name
 */
public record StoredParts(CommitObject commit, List<ObjectInfo> objects) {

    public StoredParts {
        objects = List.copyOf(objects);
    }

    public static StoredParts list(ObjectStore store, CommitObject commit) {
        List<ObjectInfo> objects = new ArrayList<>();
        for (String prefix :
                List.of(
                        commit.layout().attemptPrefix(commit.attempt()),
                        commit.layout().wrapsPrefix(commit.attempt()))) {
            try (Stream<ObjectInfo> listed = store.list(prefix)) {
                listed.forEach(objects::add);
            }
        }
        return new StoredParts(commit, objects);
    }

    public Map<ObjectKey, Long> lengths() {
        return objects.stream().collect(Collectors.toMap(ObjectInfo::key, ObjectInfo::length));
    }

    /** Those that are not there, or not with their lengths. */
    public Stream<StoredObject> missing() {
        return commit.missingParts(lengths());
    }

    /** Whether nothing but wraps is archived; a listing does not tell what has been thawed. */
    public boolean readable() {
        String prefix = commit.layout().attemptPrefix(commit.attempt());
        return objects.stream()
                .filter(info -> info.key().value().startsWith(prefix))
                .allMatch(info -> info.thaw().readable());
    }
}
