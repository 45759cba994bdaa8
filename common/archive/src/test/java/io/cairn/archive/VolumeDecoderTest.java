package io.cairn.archive;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.InstanceOfAssertFactories.type;

import io.cairn.archive.gzip.GzipCodec;
import io.cairn.archive.key.BackupKey;
import io.cairn.model.backup.Archive;
import io.cairn.model.backup.StoredObject;
import io.cairn.model.backup.Volume;
import io.cairn.model.error.CairnException;
import io.cairn.model.error.ErrorCode;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class VolumeDecoderTest {

    private final BackupKey key = BackupKey.random(new SecureRandom());
    private final MemoryStore store = new MemoryStore();
    private final VolumeDecoder decoder = new VolumeDecoder(GzipCodec.best(), key);

    @AfterEach
    void close() {
        decoder.close();
    }

    private Archive write(byte[] content) {
        ArchiveSettings settings =
                ArchiveSettings.defaults().withBlockBytes(4096).withVolumeBytes(20_000);
        try (VolumePipeline pipeline = new VolumePipeline(settings, key, Samples.NAMES, store)) {
            pipeline.begin("base.tar", Optional.empty());
            pipeline.write(content, 0, content.length);
            return pipeline.finish().getFirst();
        }
    }

    private byte[] decode(byte[] stored, Volume volume) throws IOException {
        ByteArrayOutputStream content = new ByteArrayOutputStream();
        decoder.decode(new ByteArrayInputStream(stored), volume, content::write);
        return content.toByteArray();
    }

    @Test
    void everyFlippedBitOfAVolumeIsCorruption() {
        Volume volume = write("a small volume".getBytes()).volumes().getFirst();
        byte[] stored = store.bytes(volume.object());

        for (int bit = 0; bit < stored.length * 8; bit++) {
            byte[] damaged = stored.clone();
            damaged[bit / 8] ^= (byte) (1 << bit % 8);
            assertFails(ErrorCode.ARCHIVE_CORRUPT, damaged, volume);
        }
    }

    @Test
    void everyTruncationIsIncompletenessAndEveryAdditionCorruption() {
        Volume volume = write("a small volume".getBytes()).volumes().getFirst();
        byte[] stored = store.bytes(volume.object());

        for (int length = 0; length < stored.length; length++) {
            assertFails(ErrorCode.ARCHIVE_INCOMPLETE, Arrays.copyOf(stored, length), volume);
        }
        assertFails(ErrorCode.ARCHIVE_CORRUPT, Arrays.copyOf(stored, stored.length + 1), volume);
    }

    @Test
    void swappedAndDuplicatedVolumesAreFound() {
        List<Volume> volumes = write(SampleData.random(new Random(1), 100_000)).volumes();
        assertThat(volumes).hasSizeGreaterThan(3);

        for (Volume expected : volumes) {
            for (Volume found : volumes) {
                if (!found.equals(expected)) {
                    assertThatThrownBy(() -> decode(store.bytes(found.object()), expected))
                            .asInstanceOf(type(CairnException.class))
                            .satisfies(e ->
                                    assertThat(e.code())
                                            .isIn(
                                                    ErrorCode.ARCHIVE_CORRUPT,
                                                    ErrorCode.ARCHIVE_INCOMPLETE));
                }
            }
        }
    }

    @Test
    void aSliceOfAnotherLengthIsFound() {
        Volume volume = write(new byte[10_000]).volumes().getFirst();
        byte[] stored = store.bytes(volume.object());

        assertFails(ErrorCode.ARCHIVE_CORRUPT, stored, new Volume(volume.object(), 0, 9_999));
        assertFails(ErrorCode.ARCHIVE_CORRUPT, stored, new Volume(volume.object(), 0, 10_001));
        assertFails(ErrorCode.ARCHIVE_CORRUPT, stored, new Volume(volume.object(), 0, 1));
    }

    @Test
    void anotherKeyCannotDecrypt() {
        Volume volume = write(new byte[10]).volumes().getFirst();
        try (VolumeDecoder other =
                new VolumeDecoder(GzipCodec.best(), BackupKey.random(new SecureRandom()))) {
            assertThatThrownBy(() ->
                            other.decode(
                                    store.open(volume.object()),
                                    volume,
                                    (bytes, offset, length) -> {}))
                    .asInstanceOf(type(CairnException.class))
                    .satisfies(e -> assertThat(e.code()).isEqualTo(ErrorCode.KEY_CANNOT_DECRYPT))
                    .satisfies(e -> assertThat(e.getMessage()).contains(key.id()));
        }
    }

    @Test
    void aDecoderGoesOnAfterABadVolume() throws IOException {
        byte[] content = SampleData.random(new Random(1), 100_000);
        List<Volume> volumes = write(content).volumes();
        byte[] damaged = store.bytes(volumes.get(0).object()).clone();
        damaged[1000] ^= 1;
        assertFails(ErrorCode.ARCHIVE_CORRUPT, damaged, volumes.get(0));

        Volume second = volumes.get(1);
        assertThat(decode(store.bytes(second.object()), second))
                .isEqualTo(Arrays.copyOfRange(content, (int) second.offset(), (int) second.end()));
    }

    @Test
    void aSourceThatGivesFewBytesAtATimeIsReadToItsEnd() throws IOException {
        byte[] content = SampleData.random(new Random(1), 15_000);
        Volume volume = write(content).volumes().getFirst();
        InputStream trickle =
                new InputStream() {
                    private final InputStream all = store.open(volume.object());

                    @Override
                    public int read() throws IOException {
                        return all.read();
                    }

                    @Override
                    public int read(byte[] bytes, int offset, int length) throws IOException {
                        return all.read(bytes, offset, Math.min(length, 7));
                    }
                };
        ByteArrayOutputStream read = new ByteArrayOutputStream();

        decoder.decode(trickle, volume, read::write);

        assertThat(read.toByteArray()).isEqualTo(content);
    }

    @Test
    void volumesAreDecodedByManyThreadsAtOnce() throws Exception {
        byte[] content = SampleData.cluster(new Random(1), 2_000_000);
        Archive archive = write(content);
        byte[] read = new byte[content.length];

        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<?>> all =
                    archive.volumes().stream()
                            .<Future<?>>map(volume ->
                                    threads.submit(() -> {
                                        try (VolumeDecoder own =
                                                new VolumeDecoder(GzipCodec.best(), key)) {
                                            int[] at = {(int) volume.offset()};
                                            own.decode(
                                                    store.open(volume.object()),
                                                    volume,
                                                    (bytes, offset, length) -> {
                                                        System.arraycopy(
                                                                bytes, offset, read, at[0], length);
                                                        at[0] += length;
                                                    });
                                        }
                                        return volume;
                                    }))
                            .toList();
            for (Future<?> one : all) {
                one.get();
            }
        }

        assertThat(read).isEqualTo(content);
    }

    @Test
    void aLengthThatNoObjectHasIsRefusedBeforeMemoryIsTaken() {
        StoredObject huge =
                new StoredObject(Samples.KEY, 1L << 40, io.cairn.model.Sha256.of(new byte[0]));

        assertFails(ErrorCode.ARCHIVE_CORRUPT, new byte[0], new Volume(huge, 0, 1));
    }

    private void assertFails(ErrorCode code, byte[] stored, Volume volume) {
        assertThatThrownBy(() -> decode(stored, volume))
                .asInstanceOf(type(CairnException.class))
                .satisfies(e -> assertThat(e.code()).isEqualTo(code))
                .satisfies(e ->
                        assertThat(e.messageWithHint())
                                .contains(volume.object().key().value(), "hint:"));
    }
}
