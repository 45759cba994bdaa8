package io.cairn.restore.contents;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cairn.archive.tar.TarEntry;
import io.cairn.archive.tar.TarEntryType;
import io.cairn.archive.tar.TarIndex.ArchiveIndex;
import io.cairn.archive.tar.TarScanner;
import io.cairn.model.ObjectKey;
import io.cairn.model.Sha256;
import io.cairn.model.backup.Archive;
import io.cairn.model.backup.StoredObject;
import io.cairn.model.backup.Volume;
import io.cairn.model.error.CairnException;
import io.cairn.model.error.ErrorCode;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class ArchiveWalkTest {

    private static final byte[] TAR = tar();
    private static final ArchiveIndex INDEX = index(TAR);

    private static byte[] tar() {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (TarArchiveOutputStream tar = new TarArchiveOutputStream(bytes, 512)) {
            add(tar, "dir/", 0);
            add(tar, "empty", 0);
            add(tar, "block", 512);
            add(tar, "dir/odd", 1000);
            add(tar, "dir/last", 1);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
        return bytes.toByteArray();
    }

    private static void add(TarArchiveOutputStream tar, String name, int size) throws IOException {
        TarArchiveEntry entry = new TarArchiveEntry(name);
        entry.setSize(size);
        tar.putArchiveEntry(entry);
        byte[] content = new byte[size];
        Arrays.fill(content, (byte) name.length());
        tar.write(content);
        tar.closeArchiveEntry();
    }

    private static ArchiveIndex index(byte[] tar) {
        List<TarEntry> entries = new ArrayList<>();
        new TarScanner("base.tar", entries::add).write(tar, 0, tar.length);
        return new ArchiveIndex("base.tar", entries);
    }

    private static ArchiveMap map(ArchiveIndex index, int volumeBytes) {
        List<Volume> volumes = new ArrayList<>();
        for (int at = 0; at < TAR.length; at += volumeBytes) {
            volumes.add(
                    new Volume(
                            new StoredObject(
                                    new ObjectKey("volume/" + at), 1, Sha256.of(new byte[0])),
                            at,
                            Math.min(volumeBytes, TAR.length - at)));
        }
        return new ArchiveMap(
                new Archive("base.tar", Optional.empty(), TAR.length, volumes), index);
    }

    /** Lengths at which volumes end in headers, contents, paddings, and the end of the stream. */
    static IntStream volumeBytes() {
        return IntStream.of(1, 7, 100, 511, 512, 513, 1000, 1536, 2048, 3000, TAR.length);
    }

    @ParameterizedTest
    @MethodSource("volumeBytes")
    void everyContentIsToldWhereverVolumesEndAndWhateverTheirOrder(int volumeBytes)
            throws IOException {
        ArchiveMap map = map(INDEX, volumeBytes);
        ArchiveWalk walk = new ArchiveWalk(map);
        Map<String, byte[]> contents = new TreeMap<>();
        for (Volume volume : map.archive().volumes().reversed()) {
            walk(walk, volume, TAR, contents);
        }
        Map<String, Integer> lengths = new TreeMap<>();
        contents.forEach((path, content) -> {
            lengths.put(path, content.length);
            assertThat(content).as(path).containsOnly(path.length());
        });
        assertThat(lengths).isEqualTo(Map.of("block", 512, "dir/odd", 1000, "dir/last", 1));
    }

    @ParameterizedTest
    @MethodSource("volumeBytes")
    void onlyFilesWithinTheirVolumeAreSaidToLieInOne(int volumeBytes) {
        ArchiveMap map = map(INDEX, volumeBytes);
        for (TarEntry entry : INDEX.entries()) {
            if (entry.size() > 0) {
                boolean within = entry.offset() / volumeBytes == (entry.end() - 1) / volumeBytes;
                assertThat(map.liesInOneVolume(entry)).as(entry.path()).isEqualTo(within);
            }
        }
    }

    @Test
    void anyChangedByteOutsideOfContentsIsFound() {
        ArchiveMap map = map(INDEX, TAR.length);
        for (int at = 0; at < TAR.length; at++) {
            // What ends the number of a header's checksum is not part of it.
            if (isContent(at) || at % 512 == 154 || at % 512 == 155) {
                continue;
            }
            byte[] changed = TAR.clone();
            changed[at] ^= 1;
            assertThatThrownBy(() ->
                            walk(
                                    new ArchiveWalk(map),
                                    map.archive().volumes().getFirst(),
                                    changed,
                                    new TreeMap<>()))
                    .as("byte %d", at)
                    .isInstanceOfSatisfying(
                            CairnException.class,
                            e ->
                                    assertThat(e.code())
                                            .isIn(
                                                    ErrorCode.ARCHIVE_CORRUPT,
                                                    ErrorCode.ARCHIVE_INCOMPLETE));
        }
    }

    private static boolean isContent(int at) {
        return INDEX.entries().stream().anyMatch(entry -> entry.offset() <= at && at < entry.end());
    }

    @Test
    void anIndexThatSaysOtherwiseThanTheHeadersIsFound() {
        assertFound(entry -> with(entry, "renamed", entry.type(), entry.mode()));
        assertFound(entry -> with(entry, entry.path(), TarEntryType.SYMLINK, entry.mode()));
        assertFound(entry -> with(entry, entry.path(), entry.type(), 0777));
    }

    private static void assertFound(UnaryOperator<TarEntry> change) {
        List<TarEntry> entries = new ArrayList<>(INDEX.entries());
        entries.set(3, change.apply(entries.get(3)));
        ArchiveMap map = map(new ArchiveIndex("base.tar", entries), TAR.length);
        assertThatThrownBy(() ->
                        walk(
                                new ArchiveWalk(map),
                                map.archive().volumes().getFirst(),
                                TAR,
                                new TreeMap<>()))
                .isInstanceOfSatisfying(
                        CairnException.class,
                        e -> assertThat(e.code()).isEqualTo(ErrorCode.ARCHIVE_CORRUPT));
    }

    private static TarEntry with(TarEntry entry, String path, TarEntryType type, int mode) {
        return new TarEntry(
                path,
                type,
                entry.offset(),
                entry.size(),
                mode,
                entry.modifiedSeconds(),
                entry.link());
    }

    @Test
    void anIndexThatIsNotTheStreamsIsRefused() {
        List<TarEntry> missing = new ArrayList<>(INDEX.entries());
        missing.removeLast();
        ArchiveMap map = map(new ArchiveIndex("base.tar", missing), TAR.length);
        assertThatThrownBy(() ->
                        walk(
                                new ArchiveWalk(map),
                                map.archive().volumes().getFirst(),
                                TAR,
                                new TreeMap<>()))
                .isInstanceOf(CairnException.class);

        List<TarEntry> longer = new ArrayList<>(INDEX.entries());
        TarEntry last = longer.removeLast();
        longer.add(
                new TarEntry(
                        last.path(),
                        last.type(),
                        last.offset(),
                        TAR.length,
                        last.mode(),
                        last.modifiedSeconds(),
                        last.link()));
        assertThatThrownBy(() -> map(new ArchiveIndex("base.tar", longer), TAR.length))
                .isInstanceOf(CairnException.class)
                .hasMessageContaining("base.tar");

        List<TarEntry> unordered = INDEX.entries().reversed();
        assertThatThrownBy(() -> map(new ArchiveIndex("base.tar", unordered), TAR.length))
                .isInstanceOf(CairnException.class);
    }

    private static void walk(
            ArchiveWalk walk, Volume volume, byte[] tar, Map<String, byte[]> contents)
            throws IOException {
        ArchiveWalk.Volume along =
                walk.volume(
                        volume.offset(),
                        volume.object().key().value(),
                        (_, entry, position, bytes, offset, length) -> {
                            byte[] content =
                                    contents.computeIfAbsent(
                                            entry.path(), _ -> new byte[(int) entry.size()]);
                            System.arraycopy(bytes, offset, content, (int) position, length);
                        });
        // In pieces that do not fit anything.
        for (int at = (int) volume.offset(); at < volume.end(); at += 333) {
            along.write(tar, at, (int) Math.min(333, volume.end() - at));
        }
        along.end(volume.end());
    }
}
