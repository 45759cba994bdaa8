package io.cairn.restore.backup;

import io.cairn.model.StoreName;
import io.cairn.model.backup.CommitObject;
import io.cairn.model.backup.StoredObject;

/**
 * A backup as it was found in one store, its origin proven.
 *
 * @param store which copy this is
 * @param commit the parsed commit object
 * @param object the commit object as it is stored: {@code backup.json}, or {@code
 *     backup.<attempt>.json} of an attempt that came second
 */
public record StoredBackup(StoreName store, CommitObject commit, StoredObject object) {}
