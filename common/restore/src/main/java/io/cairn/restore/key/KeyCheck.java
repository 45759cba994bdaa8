package io.cairn.restore.key;

import io.cairn.archive.key.BackupKey;
import io.cairn.archive.key.Identity;
import io.cairn.archive.key.WrappedKey;
import io.cairn.model.BackupLabel;
import io.cairn.model.ClusterName;
import io.cairn.model.ObjectKey;
import io.cairn.model.StoreName;
import io.cairn.model.backup.BackupLayout;
import io.cairn.model.backup.ClusterRoot;
import io.cairn.model.backup.CommitObject;
import io.cairn.model.error.CairnException;
import io.cairn.model.error.ErrorCategory;
import io.cairn.model.error.ErrorCode;
import io.cairn.restore.backup.BackupReader;
import io.cairn.restore.backup.StoredBackup;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Whether the private key at hand opens what a restore of now would need: of each of a cluster's
 * lives in a store, the key of the newest backup that an executor signed, and that of the newest
 * stream session. Reads a few small objects, and changes nothing. Thread-safe.
 */
public final class KeyCheck {

    private final Identity identity;

    public KeyCheck(Identity identity) {
        this.identity = identity;
    }

    /**
     * What was found of one key, or of a store that could not be looked at.
     *
     * @param object the first wrap, or the commit object that no executor vouches for; absent of a
     *     store
     * @param backup whose key it is; absent of a stream session
     */
    public record Finding(
            ClusterName cluster,
            StoreName store,
            Optional<ObjectKey> object,
            Optional<CommitObject> backup,
            Optional<CairnException> problem) {

        /** Whether the key opens. */
        public boolean opens() {
            return problem.isEmpty();
        }

        /** Whether it is known not to open, rather than not known. */
        public boolean failed() {
            return problem.filter(cause -> cause.category() != ErrorCategory.TRANSIENT).isPresent();
        }
    }

    /** Looks at one cluster in one store; nothing is found where nothing is stored. */
    public List<Finding> check(ClusterName cluster, BackupReader reader) {
        List<Finding> findings = new ArrayList<>();
        try {
            for (ClusterRoot root : reader.roots(cluster)) {
                newestBackup(root, reader, findings);
                newestSession(root, reader).ifPresent(findings::add);
            }
        } catch (CairnException e) {
            findings.add(
                    new Finding(
                            cluster,
                            reader.name(),
                            Optional.empty(),
                            Optional.empty(),
                            Optional.of(e)));
        }
        return List.copyOf(findings);
    }

    private void newestBackup(ClusterRoot root, BackupReader reader, List<Finding> findings) {
        Set<BackupLabel> expired = reader.tombstones(root);
        for (BackupLabel label : reader.labels(root).reversed()) {
            if (expired.contains(label)) {
                continue;
            }
            BackupLayout layout = new BackupLayout(root, label);
            try {
                Optional<StoredBackup> backup = reader.find(layout);
                if (backup.isPresent()) {
                    findings.add(opened(reader, backup.get().commit()));
                    return;
                }
            } catch (CairnException e) {
                if (e.category() == ErrorCategory.TRANSIENT) {
                    throw e;
                }
                findings.add(
                        new Finding(
                                root.cluster(),
                                reader.name(),
                                Optional.of(layout.commit()),
                                Optional.empty(),
                                Optional.of(e)));
            }
        }
    }

    private Finding opened(BackupReader reader, CommitObject commit) {
        Optional<CairnException> problem = Optional.empty();
        try {
            new BackupWraps(reader.store(), commit).open(identity);
        } catch (CairnException e) {
            problem = Optional.of(e);
        }
        return new Finding(
                commit.cluster(),
                reader.name(),
                Optional.of(commit.key().key()),
                Optional.of(commit),
                problem);
    }

    private Optional<Finding> newestSession(ClusterRoot root, BackupReader reader) {
        return KeyInventory.list(root, List.of(reader.store())).stream()
                .filter(key -> key.session().isPresent())
                .max(Comparator.comparing(StoredKey::name))
                .map(key ->
                        new Finding(
                                root.cluster(),
                                reader.name(),
                                Optional.of(key.first()),
                                Optional.empty(),
                                problem(key, reader)));
    }

    private Optional<CairnException> problem(StoredKey key, BackupReader reader) {
        CairnException first = null;
        for (ObjectKey wrap : key.in(reader.name())) {
            try {
                BackupKey opened =
                        WrappedKey.unwrap(
                                reader.store().read(wrap, BackupWraps.BYTES_MAX),
                                identity,
                                wrap.value());
                KeyIds.require(key.session(), opened, wrap.value());
                return Optional.empty();
            } catch (CairnException e) {
                if (first == null || e.code() == ErrorCode.KEY_CANNOT_DECRYPT) {
                    first = e;
                }
            }
        }
        return Optional.ofNullable(first);
    }
}
