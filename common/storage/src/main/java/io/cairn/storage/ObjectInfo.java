package io.cairn.storage;

import io.cairn.model.ObjectKey;
import io.cairn.model.Sha256;
import io.cairn.model.archival.StorageClass;
import io.cairn.model.archival.ThawState;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;

/**
 * What a store tells about an object without its bytes. A listing knows key, length, time, ETag and
 * storage class only; it takes every object of an archive class for archived, thawed or not.
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
 * @param etag names these bytes among all that the key ever had, for {@link ObjectStore#replace};
 *     says nothing of what they are
 * @param thaw whether the bytes can be read
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
        Map<String, String> metadata,
        Optional<String> etag,
        ThawState thaw) {

    /** Name of the user metadata that carries the digest, {@code x-amz-meta-sha256} on the wire. */
    public static final String SHA256 = "sha256";

    public ObjectInfo {
        metadata = Map.copyOf(metadata);
        if (length < 0) {
            throw new IllegalArgumentException("negative length of " + key);
        }
    }

    /** Without an ETag; thawed by nobody. */
    public ObjectInfo(
            ObjectKey key,
            long length,
            Optional<Sha256> sha256,
            Instant lastModified,
            Optional<String> versionId,
            Optional<String> storageClass,
            Optional<Retention> retention,
            boolean legalHold,
            Map<String, String> metadata) {
        this(
                key,
                length,
                sha256,
                lastModified,
                versionId,
                storageClass,
                retention,
                legalHold,
                metadata,
                Optional.empty(),
                untouched(storageClass));
    }

    /** The state of what nobody has thawed. */
    public static ThawState untouched(Optional<String> storageClass) {
        return storageClass
                .flatMap(StorageClass::find)
                .filter(StorageClass::archived)
                .<ThawState>map(ThawState.Archived::new)
                .orElseGet(ThawState.NotArchived::new);
    }

    /** Whether the stored bytes are, by length and digest, those of {@code body}. */
    public boolean holds(ObjectBody body) {
        return length == body.length() && sha256.isPresent() && sha256.get().equals(body.sha256());
    }
}
