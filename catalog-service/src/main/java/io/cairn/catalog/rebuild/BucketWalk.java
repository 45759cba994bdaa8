package io.cairn.catalog.rebuild;

import io.cairn.model.BackupLabel;
import io.cairn.model.ClusterName;
import io.cairn.model.ObjectKey;
import io.cairn.model.SystemIdentifier;
import io.cairn.model.backup.BackupLayout;
import io.cairn.model.backup.ClusterRoot;
import io.cairn.model.error.CairnException;
import io.cairn.model.record.Tombstone;
import io.cairn.storage.ObjectInfo;
import io.cairn.storage.ObjectStore;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Finds the roots and commit objects of a bucket without listing its volumes: asks for one key at a
 * time and jumps over everything below what it knows already. Two requests for a label, however
 * many volumes the backup has.
 *
 * <p>A jump goes behind {@code <prefix>/~}, since {@code ~} is the last of the characters a key may
 * have.
 */
final class BucketWalk {

    private static final String LAST = "~";

    private final ObjectStore store;

    BucketWalk(ObjectStore store) {
        this.store = store;
    }

    /**
     * Every {@code <cluster>/<system identifier>/} there is something under. Other objects are
     * passed over.
     */
    List<ClusterRoot> roots() {
        List<ClusterRoot> roots = new ArrayList<>();
        Optional<ObjectKey> found = store.first("", Optional.empty());
        while (found.isPresent()) {
            String[] parts = found.get().value().split("/");
            Optional<ClusterRoot> root =
                    parts.length > 2 ? root(parts[0], parts[1]) : Optional.empty();
            root.ifPresent(roots::add);
            found =
                    store.first(
                            "", Optional.of(behind(found.get(), parts, root.isPresent() ? 2 : 1)));
        }
        return roots;
    }

    private static Optional<ClusterRoot> root(String cluster, String system) {
        try {
            return Optional.of(
                    new ClusterRoot(new ClusterName(cluster), SystemIdentifier.parse(system)));
        } catch (CairnException e) {
            // Not a root: something else that lies in the bucket.
            return Optional.empty();
        }
    }

    /** Behind everything that begins with the first {@code depth} parts of {@code key}. */
    private static ObjectKey behind(ObjectKey key, String[] parts, int depth) {
        if (parts.length <= depth) {
            return key;
        }
        return new ObjectKey(String.join("/", List.of(parts).subList(0, depth)) + "/" + LAST);
    }

    /**
     * The commit objects under a root, by label. Labels without one, orphaned attempts, are passed
     * over, and so are those with a tombstone.
     */
    List<ObjectInfo> commits(ClusterRoot root) {
        Set<BackupLabel> expired = tombstones(root);
        List<ObjectInfo> commits = new ArrayList<>();
        String prefix = root.backupsPrefix();
        Optional<ObjectKey> found = store.first(prefix, Optional.empty());
        while (found.isPresent()) {
            String label = found.get().value().substring(prefix.length()).split("/")[0];
            Optional.of(new ObjectKey(prefix + label + "/backup.json"))
                    .filter(key ->
                            BackupLayout.ofCommit(key)
                                    .filter(layout -> !expired.contains(layout.label()))
                                    .isPresent())
                    .flatMap(store::head)
                    .ifPresent(commits::add);
            found = store.first(prefix, Optional.of(new ObjectKey(prefix + label + "/" + LAST)));
        }
        return commits;
    }

    /** The labels that have expired. */
    private Set<BackupLabel> tombstones(ClusterRoot root) {
        try (Stream<ObjectInfo> listed = store.list(Tombstone.prefix(root))) {
            return listed.flatMap(info -> Tombstone.label(root, info.key()).stream())
                    .collect(Collectors.toUnmodifiableSet());
        }
    }
}
