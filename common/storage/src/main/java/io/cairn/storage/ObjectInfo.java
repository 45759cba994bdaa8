package io.cairn.storage;

import io.cairn.model.ObjectKey;
import io.cairn.model.Sha256;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;

/**
 * What a store tells about an object without its bytes. A listing knows key, length, time and
 * storage class only.
 *
 * @param length stored bytes
 * @param sha256 digest of the stored bytes, kept as user metadata {@value #SHA256} since not every
 *     store keeps checksums
 * @param lastModified by the store's clock, to the second
 * @param versionId where the bucket is versioned
 * @param storageClass where the store names one; {@code STANDARD} is usually not named
 * @param retention Object Lock's retention
 * @param legalHold Object Lock's legal hold
 * @param metadata user metadata without the digest
 */
public record ObjectInfo(
        ObjectKey key,
        long length,
        Optional<Sha256> sha256,
        Instant lastModified,
        Optional<String> versionId,
        Optional<String> storageClass,
        Optional<Retention> retention,
        boolean legalHold,
        Map<String, String> metadata) {

    /** Name of the user metadata that carries the digest, {@code x-amz-meta-sha256} on the wire. */
    public static final String SHA256 = "sha256";

    public ObjectInfo {
        metadata = Map.copyOf(metadata);
        if (length < 0) {
            throw new IllegalArgumentException("negative length of " + key);
        }
    }

    /** Whether the stored bytes are, by length and digest, those of {@code body}. */
    public boolean holds(ObjectBody body) {
        return length == body.length() && sha256.isPresent() && sha256.get().equals(body.sha256());
    }
}
