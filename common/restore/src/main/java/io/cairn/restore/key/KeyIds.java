package io.cairn.restore.key;

import io.cairn.archive.key.BackupKey;
import io.cairn.model.backup.BackupLayout;
import io.cairn.model.backup.ClusterRoot;
import io.cairn.model.error.CairnException;
import io.cairn.model.error.ErrorCode;
import io.cairn.restore.backup.BackupReader;
import java.util.List;
import java.util.Optional;

/**
 * Which id a key must have: the one that a stream session's name, or a signed commit object says.
 *
 * @param readers of all stores
 */
record KeyIds(ClusterRoot root, List<BackupReader> readers) {

    /**
     * Empty for an attempt that was never committed.
     *
     * @throws CairnException what is wrong with the commit object; {@code STORE_…}
     */
    Optional<String> of(StoredKey key) {
        return key.session().or(() -> key.attempt().flatMap(this::committed));
    }

    private Optional<String> committed(StoredKey.Attempt attempt) {
        BackupLayout layout = new BackupLayout(root, attempt.label());
        return readers.stream()
                .flatMap(reader -> reader.find(layout, attempt.attempt()).stream())
                .map(backup -> backup.commit().keyId())
                .findFirst();
    }

    /**
     * @throws CairnException {@link ErrorCode#ARCHIVE_CORRUPT} if a wrap holds another key
     */
    static BackupKey require(Optional<String> id, BackupKey opened, String wrap) {
        if (id.isPresent() && !id.get().equals(opened.id())) {
            throw new CairnException(
                    ErrorCode.ARCHIVE_CORRUPT,
                    wrap + " holds key " + opened.id() + " instead of " + id.get(),
                    "somebody else wrote it; use another copy of this key object");
        }
        return opened;
    }
}
