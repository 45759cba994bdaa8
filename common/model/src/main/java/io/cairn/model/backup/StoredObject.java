package io.cairn.model.backup;

import io.cairn.model.ObjectKey;
import io.cairn.model.Sha256;

/**
 * A part of a backup as it lies in the bucket.
 *
 * @param key where it is
 * @param length stored bytes, 1 or more
 * @param sha256 digest of the stored bytes (ciphertext)
 */
public record StoredObject(ObjectKey key, long length, Sha256 sha256) {

    public StoredObject {
        if (length < 1) {
            throw new IllegalArgumentException("a stored object has at least one byte: " + key);
        }
    }
}
