package io.cairn.archive;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.InstanceOfAssertFactories.type;

import io.cairn.archive.gzip.GzipCodec;
import io.cairn.archive.key.BackupKey;
import io.cairn.archive.tar.TarEntry;
import io.cairn.archive.tar.TarIndex;
import io.cairn.model.backup.Archive;
import io.cairn.model.backup.StoredObject;
import io.cairn.model.backup.Volume;
import io.cairn.model.error.CairnException;
import io.cairn.model.error.ErrorCode;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

class ArchiveWriterTest {

    private final BackupKey key = BackupKey.random(new SecureRandom());
    private final MemoryStore store = new MemoryStore();
    private final ArchiveSettings settings =
            ArchiveSettings.defaults()
                    .withBlockBytes(8192)
                    .withVolumeBytes(40_000)
                    .withCompressors(2);
    private final byte[] table = SampleData.random(new Random(1), 200_000);

    private ArchiveWriter open(VolumeSink sink) {
        return ArchiveWriter.open(settings, Samples.LAYOUT, Samples.ATTEMPT, key, sink);
    }

    private byte[] base() {
        return new PostgresTar()
                .file("backup_label", "START WAL LOCATION: 0/2000028\n")
                .directory("base")
                .file("base/16384", table)
                .file("PG_VERSION", "18\n")
                .toBytes();
    }

    private byte[] tablespace() {
        return new PostgresTar()
                .directory("PG_18_202506291")
                .file("PG_18_202506291/5/16390", "rows")
                .toBytes();
    }

    private List<Archive> write(ArchiveWriter writer) {
        writer.begin("16385.tar", Optional.of(new Archive.Tablespace(16385, "/srv/ts")));
        writer.write(tablespace(), 0, tablespace().length);
        writer.begin("base.tar", Optional.empty());
        byte[] base = base();
        for (int at = 0; at < base.length; at += 3000) {
            writer.write(base, at, Math.min(3000, base.length - at));
        }
        return writer.finish();
    }

    @Test
    void storesVolumesUnderTheKeysOfTheLayout() {
        try (ArchiveWriter writer = open(store)) {
            List<Archive> archives = write(writer);

            assertThat(archives).extracting(Archive::name).containsExactly("16385.tar", "base.tar");
            assertThat(archives.get(1).bytes()).isEqualTo(base().length);
            assertThat(store.objects.keySet())
                    .startsWith(
                            "shop/7000000000000000001/backups/20261122T020000Z-F/0123456789abcdef/16385.tar/000000.gz.cms",
                            "shop/7000000000000000001/backups/20261122T020000Z-F/0123456789abcdef/base.tar/000000.gz.cms",
                            "shop/7000000000000000001/backups/20261122T020000Z-F/0123456789abcdef/base.tar/000001.gz.cms");
        }
    }

    @Test
    void theIndexLeadsToEveryFileWithoutTheVolumesBefore() throws IOException {
        try (ArchiveWriter writer = open(store);
                VolumeDecoder decoder = new VolumeDecoder(GzipCodec.best(), key)) {
            Archive base = write(writer).get(1);
            StoredObject stored =
                    writer.store(Samples.LAYOUT.index(Samples.ATTEMPT), writer.index().toJson());
            TarIndex index =
                    TarIndex.fromJson(decoder.decode(store.open(stored), stored), "index.json");
            TarEntry version =
                    index.archive("base.tar")
                            .flatMap(archive -> archive.entry("PG_VERSION"))
                            .orElseThrow();
            Volume volume =
                    base.volumes().stream()
                            .filter(candidate -> candidate.end() > version.offset())
                            .findFirst()
                            .orElseThrow();

            ByteArrayOutputStream slice = new ByteArrayOutputStream();
            decoder.decode(store.open(volume.object()), volume, slice::write);

            int at = (int) (version.offset() - volume.offset());
            assertThat(new String(slice.toByteArray(), at, 3)).isEqualTo("18\n");
            assertThat(index.archives())
                    .extracting(TarIndex.ArchiveIndex::name)
                    .containsExactly("16385.tar", "base.tar");
        }
    }

    @Test
    void storesOtherObjectsAsVolumesAreStored() throws IOException {
        byte[] manifest = SampleData.cluster(new Random(5), 3_000_000);
        try (ArchiveWriter writer = open(store);
                VolumeDecoder decoder = new VolumeDecoder(GzipCodec.zlib(), key)) {
            StoredObject stored = writer.store(Samples.LAYOUT.manifest(Samples.ATTEMPT), manifest);
            StoredObject empty = writer.store(Samples.KEY, new byte[0]);

            assertThat(decoder.decode(store.open(stored), stored)).isEqualTo(manifest);
            assertThat(decoder.decode(store.open(empty), empty)).isEmpty();
            assertThat(writer.progress().bytesStored()).isEqualTo(stored.length() + empty.length());
        }
    }

    @Test
    void tellsHowFarItIs() {
        try (ArchiveWriter writer = open(store)) {
            assertThat(writer.progress()).isEqualTo(new ArchiveWriter.Progress(0, 0));

            List<Archive> archives = write(writer);

            long stored = store.objects.values().stream().mapToLong(bytes -> bytes.length).sum();
            long in = archives.stream().mapToLong(Archive::bytes).sum();
            assertThat(writer.progress()).isEqualTo(new ArchiveWriter.Progress(in, stored));
        }
    }

    @Test
    void aStreamThatWasCutOffIsNotFinished() {
        byte[] base = base();
        try (ArchiveWriter writer = open(store)) {
            writer.begin("base.tar", Optional.empty());
            writer.write(base, 0, base.length - 1024);

            assertThatThrownBy(writer::finish)
                    .asInstanceOf(type(CairnException.class))
                    .satisfies(e -> assertThat(e.code()).isEqualTo(ErrorCode.ARCHIVE_INCOMPLETE));
        }
    }

    @Test
    void whatIsNoTarStreamIsRefusedAtOnce() {
        try (ArchiveWriter writer = open(store)) {
            writer.begin("base.tar", Optional.empty());

            assertThatThrownBy(() -> writer.write(table, 0, 1000))
                    .asInstanceOf(type(CairnException.class))
                    .satisfies(e -> assertThat(e.code()).isEqualTo(ErrorCode.ARCHIVE_CORRUPT));
        }
        assertThat(store.objects).isEmpty();
    }

    @Test
    @Timeout(60)
    void whoCancelsIsWhomTheWritingThreadHearsOf() {
        RuntimeException why = new IllegalStateException("the fence is lost");
        try (ArchiveWriter writer = open(store)) {
            writer.begin("base.tar", Optional.empty());
            writer.write(base(), 0, 5000);

            writer.cancel(why);

            assertThatThrownBy(() -> writer.write(base(), 5000, 5000)).isSameAs(why);
            assertThatThrownBy(() -> writer.store(Samples.KEY, new byte[1])).isSameAs(why);
            assertThatThrownBy(writer::finish).isInstanceOf(RuntimeException.class);
        }
    }

    @Test
    void cancellingAFinishedWriterChangesNothing() {
        try (ArchiveWriter writer = open(store)) {
            List<Archive> archives = write(writer);
            writer.cancel(new IllegalStateException("too late"));

            assertThat(archives).hasSize(2);
            assertThat(writer.store(Samples.KEY, new byte[1]).length()).isPositive();
        }
    }

    @Test
    void nothingIsWrittenOutsideOfAnArchive() {
        try (ArchiveWriter writer = open(store)) {
            assertThatIllegalStateException().isThrownBy(() -> writer.write(new byte[1], 0, 1));
        }
    }

    @Test
    void aBackupOfNothingHasNoArchives() {
        try (ArchiveWriter writer = open(store)) {
            assertThat(writer.finish()).isEmpty();
            assertThat(writer.index().archives()).isEmpty();
        }
    }

    @Test
    void defaultsStayUnder300MebibytesOnTwoCores() {
        assertThat(ArchiveSettings.defaults().withCompressors(2).memoryBytes())
                .isLessThan(300L << 20);
        assertThat(ArchiveSettings.defaults().withCompressors(32).memoryBytes())
                .isLessThan(512L << 20);
    }

    @Test
    void settingsOutOfRangeAreRefused() {
        ArchiveSettings defaults = ArchiveSettings.defaults();
        assertThatIllegalArgumentException().isThrownBy(() -> defaults.withGzipLevel(5));
        assertThatIllegalArgumentException().isThrownBy(() -> defaults.withGzipLevel(10));
        assertThatIllegalArgumentException().isThrownBy(() -> defaults.withVolumeBytes(1 << 20));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> defaults.withVolumeBytes((1 << 30) + 1));
        assertThatIllegalArgumentException().isThrownBy(() -> defaults.withBlockBytes(1000));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> defaults.withBlockBytes((1 << 20) + 1));
        assertThatIllegalArgumentException().isThrownBy(() -> defaults.withCompressors(0));
        assertThatIllegalArgumentException().isThrownBy(() -> defaults.withVolumesInFlight(0));
    }

    @Test
    void theContentOfASealedObjectCanBeReadAgain() {
        SealedObject object =
                new ObjectEncoder(GzipCodec.best(), 6, key).encode(Samples.KEY, table);
        byte[] first = new byte[object.length()];
        object.content().get(first);
        byte[] second = new byte[object.length()];
        object.content().get(second);

        assertThat(first).isEqualTo(second);
        assertThat(object.content().isReadOnly()).isTrue();
        assertThat(Arrays.equals(first, new byte[first.length])).isFalse();
    }
}
