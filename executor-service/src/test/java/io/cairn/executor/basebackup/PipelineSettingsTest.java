package io.cairn.executor.basebackup;

import static org.assertj.core.api.Assertions.assertThat;

import io.cairn.archive.ArchiveSettings;
import io.cairn.archive.gzip.GzipCodec;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PipelineSettingsTest {

    @ParameterizedTest
    @ValueSource(ints = {8, 16, 64, 128})
    void aRunTakesLessThan512MiBByDefault(int volumeMegabytes) {
        ArchiveSettings archives = PipelineSettings.DEFAULT.archives(9, volumeMegabytes << 20);

        assertThat(archives.memoryBytes()).isLessThan(512L << 20);
        assertThat(archives.withCodec(GzipCodec.zlib()).memoryBytes()).isLessThan(512L << 20);
        assertThat(archives.gzipLevel()).isEqualTo(9);
        assertThat(archives.volumeBytes()).isEqualTo(volumeMegabytes << 20);
    }

    @Test
    void smallVolumesAreStoredManyAtOnceAndHugeOnesSingly() {
        assertThat(PipelineSettings.DEFAULT.archives(6, 8 << 20).volumesInFlight()).isEqualTo(8);
        assertThat(PipelineSettings.DEFAULT.archives(6, 64 << 20).volumesInFlight()).isEqualTo(2);
        assertThat(PipelineSettings.DEFAULT.archives(6, 1 << 30).volumesInFlight()).isEqualTo(1);
    }
}
