package io.cairn.restore.thaw;

import io.cairn.model.ObjectKey;
import io.cairn.model.archival.StorageClass;
import io.cairn.storage.ObjectStore;

/**
 * An object that has to be thawed before a restore can read it.
 *
 * @param store of its copies the one that is thawed
 * @param length stored bytes
 * @param thawing whether that was asked for already and goes on
 */
public record ArchivedObject(
        ObjectStore store,
        ObjectKey key,
        long length,
        StorageClass storageClass,
        boolean thawing) {}
