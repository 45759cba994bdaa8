package io.cairn.restore.backup;

import io.cairn.model.StoreName;
import io.cairn.model.backup.CommitObject;
import io.cairn.model.backup.StoredObject;

/**
 * A backup as it was found in one store, its origin proven.
 *
 * @param store which copy this is
 * @param commit the parsed {@code backup.json}
 * @param object {@code backup.json} as it is stored
 */
public record StoredBackup(StoreName store, CommitObject commit, StoredObject object) {}
