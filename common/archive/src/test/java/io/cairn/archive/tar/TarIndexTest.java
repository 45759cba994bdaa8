package io.cairn.archive.tar;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.InstanceOfAssertFactories.type;

import io.cairn.model.error.CairnException;
import io.cairn.model.error.ErrorCode;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

class TarIndexTest {

    private static TarEntry file(String path, long offset, long size) {
        return new TarEntry(
                path, TarEntryType.FILE, offset, size, 0600, 1_763_776_800L, Optional.empty());
    }

    private static TarIndex.ArchiveIndex random(long seed) {
        Random random = new Random(seed);
        List<TarEntry> entries = new ArrayList<>();
        long at = 0;
        for (int i = 0; i < 1 + random.nextInt(30); i++) {
            long size = random.nextInt(3) == 0 ? 0 : random.nextInt(3000);
            entries.add(file("f" + i, at + 512, size));
            at += 512 + (size + 511) / 512 * 512;
        }
        return new TarIndex.ArchiveIndex("base.tar", entries);
    }

    @Property(tries = 500)
    void findsTheFilesOfEverySlice(@ForAll long seed) {
        TarIndex.ArchiveIndex archive = random(seed);
        Random random = new Random(~seed);
        long from = random.nextInt(40_000);
        long to = from + random.nextInt(10_000);

        List<TarEntry> expected =
                archive.entries().stream()
                        .filter(entry ->
                                entry.size() > 0 && entry.offset() < to && entry.end() > from)
                        .toList();

        assertThat(archive.within(from, to)).isEqualTo(expected);
    }

    @Test
    void isTheSameAfterJson() {
        TarEntry link =
                new TarEntry(
                        "pg_tblspc/1",
                        TarEntryType.SYMLINK,
                        5120,
                        0,
                        0700,
                        1,
                        Optional.of("/srv/ts"));
        TarEntry directory =
                new TarEntry("base", TarEntryType.DIRECTORY, 512, 0, 0700, 1, Optional.empty());
        TarIndex index =
                new TarIndex(
                        1,
                        List.of(
                                new TarIndex.ArchiveIndex("16385.tar", List.of()),
                                new TarIndex.ArchiveIndex(
                                        "base.tar",
                                        List.of(directory, link, file("PG_VERSION", 6144, 3)))));

        TarIndex read = TarIndex.fromJson(index.toJson(), "index.json");

        assertThat(read).isEqualTo(index);
        assertThat(
                        read.archive("base.tar")
                                .flatMap(archive -> archive.entry("PG_VERSION"))
                                .orElseThrow()
                                .offset())
                .isEqualTo(6144);
        assertThat(read.archive("other.tar")).isEmpty();
    }

    @Test
    void theJsonIsAsTheFormatSays() {
        TarIndex index =
                new TarIndex(
                        1,
                        List.of(
                                new TarIndex.ArchiveIndex(
                                        "base.tar", List.of(file("PG_VERSION", 512, 3)))));

        assertThat(new String(index.toJson(), StandardCharsets.UTF_8))
                .isEqualTo(
                        """
                        {"format":1,"archives":[{"name":"base.tar","entries":[{"path":"PG_VERSION","type":"file",\
                        "offset":512,"size":3,"mode":384,"modifiedSeconds":1763776800}]}]}\
                        """);
    }

    @Test
    void otherFormatsAndOtherBytesAreRefused() {
        assertThatThrownBy(() ->
                        TarIndex.fromJson(
                                "{\"format\":2,\"archives\":[]}".getBytes(), "index.json"))
                .asInstanceOf(type(CairnException.class))
                .satisfies(e -> assertThat(e.code()).isEqualTo(ErrorCode.FORMAT_UNSUPPORTED));
        for (String json : List.of("", "{}", "[]", "null", "{\"format\":1", "{\"format\":1}")) {
            assertThatThrownBy(() -> TarIndex.fromJson(json.getBytes(), "index.json"))
                    .as(json)
                    .asInstanceOf(type(CairnException.class))
                    .satisfies(e -> assertThat(e.code()).isEqualTo(ErrorCode.ARCHIVE_CORRUPT));
        }
    }
}
