package io.cairn.archive;

import io.cairn.archive.cms.CmsSealer;
import io.cairn.archive.gzip.GzipCodec;

/**
 * How an archive is written.
 *
 * @param gzipLevel 6 to 9
 * @param volumeBytes most bytes of a stored volume; operators choose 8 MiB to 1 GiB, less is for
 *     tests
 * @param blockBytes most bytes of input that one gzip member holds, 4 KiB to 1 MiB
 * @param compressors threads that compress, 1 to 256
 * @param volumesInFlight volumes that are stored at the same time, 1 to 64
 * @param codec the library that compresses
 */
public record ArchiveSettings(
        int gzipLevel,
        int volumeBytes,
        int blockBytes,
        int compressors,
        int volumesInFlight,
        GzipCodec codec) {

    public static final int DEFAULT_GZIP_LEVEL = 6;
    public static final int DEFAULT_VOLUME_BYTES = 64 << 20;
    public static final int DEFAULT_VOLUMES_IN_FLIGHT = 3;
    public static final int MAX_VOLUME_BYTES = 1 << 30;

    private static final int MIN_BLOCK_BYTES = 4 << 10;

    public ArchiveSettings {
        GzipCodec.requireLevel(gzipLevel);
        requireBetween("blockBytes", blockBytes, MIN_BLOCK_BYTES, GzipCodec.MEMBER_BYTES);
        requireBetween("compressors", compressors, 1, 256);
        requireBetween("volumesInFlight", volumesInFlight, 1, 64);
        int smallest = codec.bound(blockBytes) + CmsSealer.MAX_OVERHEAD_BYTES;
        requireBetween("volumeBytes", volumeBytes, smallest, MAX_VOLUME_BYTES);
    }

    /**
     * Level 6, volumes of 64 MiB, members of 1 MiB, a compressor for each core, three volumes in
     * flight, best codec.
     */
    public static ArchiveSettings defaults() {
        return new ArchiveSettings(
                DEFAULT_GZIP_LEVEL,
                DEFAULT_VOLUME_BYTES,
                GzipCodec.MEMBER_BYTES,
                Math.clamp(Runtime.getRuntime().availableProcessors(), 1, 256),
                DEFAULT_VOLUMES_IN_FLIGHT,
                GzipCodec.best());
    }

    public ArchiveSettings withGzipLevel(int level) {
        return new ArchiveSettings(
                level, volumeBytes, blockBytes, compressors, volumesInFlight, codec);
    }

    public ArchiveSettings withVolumeBytes(int bytes) {
        return new ArchiveSettings(
                gzipLevel, bytes, blockBytes, compressors, volumesInFlight, codec);
    }

    public ArchiveSettings withBlockBytes(int bytes) {
        return new ArchiveSettings(
                gzipLevel, volumeBytes, bytes, compressors, volumesInFlight, codec);
    }

    public ArchiveSettings withCompressors(int threads) {
        return new ArchiveSettings(
                gzipLevel, volumeBytes, blockBytes, threads, volumesInFlight, codec);
    }

    public ArchiveSettings withVolumesInFlight(int volumes) {
        return new ArchiveSettings(gzipLevel, volumeBytes, blockBytes, compressors, volumes, codec);
    }

    public ArchiveSettings withCodec(GzipCodec other) {
        return new ArchiveSettings(
                gzipLevel, volumeBytes, blockBytes, compressors, volumesInFlight, other);
    }

    /** Blocks that a writer has: two for each compressor, and two on their way in and out. */
    int blocks() {
        return 2 * compressors + 2;
    }

    /** Volume buffers that a writer has: those in flight, and the one that is filled meanwhile. */
    int volumes() {
        return volumesInFlight + 1;
    }

    /**
     * The most memory that one writer's buffers take, whatever the size of the database and the
     * speed of the store:
     *
     * <pre>
     * (volumesInFlight + 1) × volumeBytes                                     Java heap
     *   + (2 × compressors + 2) × (blockBytes + bound(blockBytes))            native
     *   + compressors × compressorBytes + bound(blockBytes)                   native, heap
     * </pre>
     *
     * With the defaults on two cores: 4 × 64 MiB + 6 × 2 MiB + 3 MiB = 271 MiB. Not counted: the
     * index, about 300 bytes for each file of the cluster, and objects given whole to {@link
     * ArchiveWriter#store}.
     */
    public long memoryBytes() {
        long bound = codec.bound(blockBytes);
        return (long) volumes() * volumeBytes
                + blocks() * (blockBytes + bound)
                + compressors * codec.compressorBytes()
                + bound;
    }

    private static void requireBetween(String name, int value, int min, int max) {
        if (value < min || value > max) {
            throw new IllegalArgumentException(
                    name + " " + value + " is not between " + min + " and " + max);
        }
    }
}
