package io.cairn.model.policy;

import io.cairn.model.StoreName;
import java.time.Duration;
import java.util.List;

/**
 * What a run has to know of its tier's policy. It travels in the due event, so that an executor
 * needs nothing else.
 *
 * @param retention how long the backup is kept
 * @param rto recovery time objective
 * @param rpo recovery point objective, zero allowed
 * @param copies the stores that must hold the backup; the executor writes to the first
 * @param gzipLevel 6 to 9
 * @param volumeBytes stored bytes of a volume, 8 MiB to 1 GiB, default 64 MiB
 */
public record RunPolicy(
        Duration retention,
        Duration rto,
        Duration rpo,
        List<StoreName> copies,
        int gzipLevel,
        long volumeBytes) {

    public static final long VOLUME_BYTES_MIN = 8L << 20;
    public static final long VOLUME_BYTES_DEFAULT = 64L << 20;
    public static final long VOLUME_BYTES_MAX = 1L << 30;

    public RunPolicy {
        copies = List.copyOf(copies);
        require(retention.isPositive(), "retention must be positive");
        require(rto.isPositive(), "rto must be positive");
        require(!rpo.isNegative(), "rpo must not be negative");
        require(!copies.isEmpty(), "copies must name at least one store");
        require(
                copies.stream().distinct().count() == copies.size(),
                "copies must not name a store twice");
        require(gzipLevel >= 6 && gzipLevel <= 9, "gzipLevel must be 6 to 9");
        require(
                volumeBytes >= VOLUME_BYTES_MIN && volumeBytes <= VOLUME_BYTES_MAX,
                "volumeBytes must be 8 MiB to 1 GiB");
    }

    private static void require(boolean condition, String message) {
        if (!condition) {
            throw new IllegalArgumentException(message);
        }
    }

    /** The store an executor writes to. */
    public StoreName active() {
        return copies.getFirst();
    }
}
