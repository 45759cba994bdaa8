package io.cairn.executor.basebackup;

import io.cairn.archive.ArchiveSettings;

/**
 * How much of the machine one run takes.
 *
 * @param compressors threads that compress, 1 to 256; default one for each core
 * @param volumeMemoryBytes memory for volumes that are filled and stored, default 192 MiB: as many
 *     are stored at once as fit, beside the one that is filled, but at least one and at most
 *     {@value #VOLUMES_IN_FLIGHT_MAX}
 */
public record PipelineSettings(int compressors, long volumeMemoryBytes) {

    static final int VOLUMES_IN_FLIGHT_MAX = 8;

    public static final PipelineSettings DEFAULT =
            new PipelineSettings(
                    Math.clamp(Runtime.getRuntime().availableProcessors(), 1, 256), 192L << 20);

    public PipelineSettings {
        if (compressors < 1 || compressors > 256) {
            throw new IllegalArgumentException("compressors must be 1 to 256");
        }
        if (volumeMemoryBytes < 16L << 20) {
            throw new IllegalArgumentException("volumeMemoryBytes must be at least 16 MiB");
        }
    }

    /**
     * The heap that volumes of one run take at most.
     *
     * @param volumeBytes of one
     */
    public long volumeBytes(long volumeBytes) {
        return (volumesInFlight(volumeBytes) + 1L) * volumeBytes;
    }

    private int volumesInFlight(long volumeBytes) {
        return Math.clamp(volumeMemoryBytes / volumeBytes - 1, 1, VOLUMES_IN_FLIGHT_MAX);
    }

    ArchiveSettings archives(int gzipLevel, int volumeBytes) {
        return ArchiveSettings.defaults()
                .withCompressors(compressors)
                .withGzipLevel(gzipLevel)
                .withVolumeBytes(volumeBytes)
                .withVolumesInFlight(volumesInFlight(volumeBytes));
    }
}
