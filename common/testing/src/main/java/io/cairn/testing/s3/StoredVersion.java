package io.cairn.testing.s3;

import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;

/**
 * One version of an object, or a delete marker.
 *
 * @param bytes nobody changes them
 * @param headers what a PUT sends to be given back: user metadata with its prefix, content type
 * @param lock mode and end of Object Lock's retention
 * @param thaw of an archived version: from when to when it can be read
 */
record StoredVersion(
        String id,
        boolean marker,
        byte[] bytes,
        String etag,
        Instant storedAt,
        String storageClass,
        Map<String, String> headers,
        Map<String, String> tags,
        Optional<Lock> lock,
        boolean legalHold,
        Optional<Thaw> thaw) {

    record Lock(String mode, Instant until) {}

    record Thaw(Instant readable, Instant until) {}

    StoredVersion {
        headers = Map.copyOf(headers);
        tags = Map.copyOf(tags);
    }

    /** As a PUT makes it: not thawed, not held. */
    static StoredVersion of(
            String id,
            byte[] bytes,
            String etag,
            Instant storedAt,
            String storageClass,
            Map<String, String> headers) {
        return new StoredVersion(
                id,
                false,
                bytes,
                etag,
                storedAt,
                storageClass,
                headers,
                Map.of(),
                Optional.empty(),
                false,
                Optional.empty());
    }

    static StoredVersion marker(String id, Instant at) {
        return new StoredVersion(
                id,
                true,
                new byte[0],
                "",
                at,
                "STANDARD",
                Map.of(),
                Map.of(),
                Optional.empty(),
                false,
                Optional.empty());
    }

    StoredVersion withBytes(byte[] other) {
        return new StoredVersion(
                id,
                marker,
                other,
                etag,
                storedAt,
                storageClass,
                headers,
                tags,
                lock,
                legalHold,
                thaw);
    }

    StoredVersion withTags(Map<String, String> other) {
        return new StoredVersion(
                id,
                marker,
                bytes,
                etag,
                storedAt,
                storageClass,
                headers,
                other,
                lock,
                legalHold,
                thaw);
    }

    StoredVersion withLock(Lock other) {
        return new StoredVersion(
                id,
                marker,
                bytes,
                etag,
                storedAt,
                storageClass,
                headers,
                tags,
                Optional.of(other),
                legalHold,
                thaw);
    }

    StoredVersion withLegalHold(boolean placed) {
        return new StoredVersion(
                id, marker, bytes, etag, storedAt, storageClass, headers, tags, lock, placed, thaw);
    }

    StoredVersion withThaw(Thaw other) {
        return new StoredVersion(
                id,
                marker,
                bytes,
                etag,
                storedAt,
                storageClass,
                headers,
                tags,
                lock,
                legalHold,
                Optional.of(other));
    }

    StoredVersion withStorageClass(String other) {
        return new StoredVersion(
                id, marker, bytes, etag, storedAt, other, headers, tags, lock, legalHold, thaw);
    }

    /** Whether nobody may delete it at this moment. */
    boolean isProtected(Instant now) {
        return legalHold || lock.filter(set -> set.until().isAfter(now)).isPresent();
    }

    boolean isArchived() {
        return storageClass.equals("GLACIER") || storageClass.equals("DEEP_ARCHIVE");
    }

    boolean isReadable(Instant now) {
        return !isArchived()
                || thaw.filter(copy -> !now.isBefore(copy.readable()) && now.isBefore(copy.until()))
                        .isPresent();
    }

    /** How long S3 takes to make an archived object readable (Amazon S3 User Guide, retrieval). */
    Duration retrieval(String tier) {
        boolean deep = storageClass.equals("DEEP_ARCHIVE");
        return switch (tier) {
            case "Expedited" -> {
                if (deep) {
                    throw S3Failure.invalid("DEEP_ARCHIVE knows no Expedited retrieval");
                }
                yield Duration.ofMinutes(5);
            }
            case "Standard" -> Duration.ofHours(deep ? 12 : 5);
            case "Bulk" -> Duration.ofHours(deep ? 48 : 12);
            default -> throw S3Failure.invalid("'" + tier + "' is no retrieval tier");
        };
    }
}
