package io.cairn.archive.tar;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.InstanceOfAssertFactories.type;

import io.cairn.archive.PostgresTar;
import io.cairn.archive.SampleData;
import io.cairn.model.error.CairnException;
import io.cairn.model.error.ErrorCode;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class TarScannerTest {

    /** Collects content by path, and the order of calls. */
    private static final class Collected implements TarVisitor {

        final List<TarEntry> entries = new ArrayList<>();
        final List<String> calls = new ArrayList<>();
        final Map<String, ByteArrayOutputStream> contents = new LinkedHashMap<>();

        @Override
        public void entry(TarEntry entry) {
            entries.add(entry);
            calls.add("entry " + entry.path());
            contents.put(entry.path(), new ByteArrayOutputStream());
        }

        @Override
        public void content(byte[] bytes, int offset, int length) {
            contents.get(entries.getLast().path()).write(bytes, offset, length);
        }

        @Override
        public void end(TarEntry entry) {
            calls.add("end " + entry.path());
        }
    }

    private static Collected scan(byte[] tar, int chunk) {
        Collected collected = new Collected();
        TarScanner scanner = new TarScanner("base.tar", collected);
        for (int at = 0; at < tar.length; at += chunk) {
            scanner.write(tar, at, Math.min(chunk, tar.length - at));
        }
        scanner.finish();
        return collected;
    }

    private static byte[] sample() {
        return new PostgresTar()
                .file("backup_label", "START WAL LOCATION: 0/2000028\n")
                .directory("base")
                .directory("base/1")
                .file("base/1/112", new byte[0])
                .file("base/1/1259", SampleData.cluster(new Random(1), 8192))
                .symlink("pg_tblspc/16385", "/srv/ts1")
                .file("PG_VERSION", "18\n")
                .file("global/pg_control", SampleData.random(new Random(2), 511))
                .toBytes();
    }

    @Property(tries = 100)
    void findsTheSameEntriesHoweverTheStreamIsCut(
            @ForAll @IntRange(min = 1, max = 3000) int chunk) {
        Collected collected = scan(sample(), chunk);

        assertThat(collected.entries)
                .extracting(TarEntry::path)
                .containsExactly(
                        "backup_label",
                        "base",
                        "base/1",
                        "base/1/112",
                        "base/1/1259",
                        "pg_tblspc/16385",
                        "PG_VERSION",
                        "global/pg_control");
        assertThat(collected.contents.get("base/1/1259").toByteArray())
                .isEqualTo(SampleData.cluster(new Random(1), 8192));
        assertThat(collected.contents.get("PG_VERSION").toString(StandardCharsets.US_ASCII))
                .isEqualTo("18\n");
        assertThat(collected.contents.get("base/1/112").size()).isZero();
        assertThat(collected.calls)
                .startsWith("entry backup_label", "end backup_label", "entry base", "end base");
    }

    @Test
    void offsetsPointAtTheContent() {
        byte[] tar = sample();

        for (TarEntry entry : scan(tar, 1000).entries) {
            if (entry.path().equals("base/1/1259")) {
                assertThat(Arrays.copyOfRange(tar, (int) entry.offset(), (int) entry.end()))
                        .isEqualTo(SampleData.cluster(new Random(1), 8192));
            }
            assertThat(entry.offset() % 512).isZero();
        }
    }

    @Test
    void readsTypesModesTimesAndLinks() {
        List<TarEntry> entries = scan(sample(), 4096).entries;

        assertThat(entries.get(0))
                .isEqualTo(
                        new TarEntry(
                                "backup_label",
                                TarEntryType.FILE,
                                512,
                                30,
                                0600,
                                PostgresTar.MODIFIED,
                                Optional.empty()));
        assertThat(entries.get(1).type()).isEqualTo(TarEntryType.DIRECTORY);
        assertThat(entries.get(1).mode()).isEqualTo(0700);
        assertThat(entries.get(5).type()).isEqualTo(TarEntryType.SYMLINK);
        assertThat(entries.get(5).link()).contains("/srv/ts1");
    }

    @Test
    void readsSizesOfEightGibibytesAndMoreAsPostgresWritesThem() {
        for (long size : new long[] {(1L << 33) - 1, 1L << 33, 32L << 30}) {
            Collected collected = new Collected();
            TarScanner scanner = new TarScanner("base.tar", collected);
            scanner.write(PostgresTar.header("base/5/16384", '0', size, 0600, ""), 0, 512);

            assertThat(collected.entries.getFirst().size()).isEqualTo(size);
        }
    }

    @Test
    void readsLongNamesOfGnuAndPax() {
        String path = "base/" + "x".repeat(200) + "/1";
        String target = "/srv/" + "t".repeat(150);
        byte[] tar =
                new PostgresTar()
                        .raw(extension('L', path + "\0"))
                        .file("base/xxx", "gnu")
                        .raw(extension('K', target + "\0"))
                        .symlink("pg_tblspc/1", "/srv/ttt")
                        .raw(extension('g', "18 comment=global\n"))
                        .raw(
                                extension(
                                        'x',
                                        pax("path", path + "2")
                                                + pax("size", "4")
                                                + pax("mtime", "1.5")))
                        .file("base/xxx", "pax!")
                        .file("last", "plain")
                        .toBytes();

        Collected collected = scan(tar, 700);

        assertThat(collected.entries)
                .extracting(TarEntry::path)
                .containsExactly(path, "pg_tblspc/1", path + "2", "last");
        assertThat(collected.entries.get(1).link()).contains(target);
        assertThat(collected.contents.get(path + "2").toString(StandardCharsets.US_ASCII))
                .isEqualTo("pax!");
    }

    @Test
    void readsThePrefixOfUstar() {
        byte[] header = PostgresTar.header("name", '0', 0, 0600, "");
        PostgresTar.text(header, 345, "some/prefix");

        Collected collected =
                scan(new PostgresTar().raw(PostgresTar.checksummed(header)).toBytes(), 512);

        assertThat(collected.entries.getFirst().path()).isEqualTo("some/prefix/name");
    }

    @Test
    void dotsInFrontAndSlashesBehindAreNoPartOfAPath() {
        byte[] tar =
                new PostgresTar()
                        .raw(PostgresTar.header("./", '5', 0, 0700, ""))
                        .raw(PostgresTar.header("./base//", '5', 0, 0700, ""))
                        .toBytes();

        assertThat(scan(tar, 512).entries).extracting(TarEntry::path).containsExactly(".", "base");
    }

    @Test
    void namesThatAreNotUtf8KeepTheirBytes() {
        byte[] header = PostgresTar.header("x", '0', 0, 0600, "");
        header[0] = (byte) 0xe9;

        Collected collected =
                scan(new PostgresTar().raw(PostgresTar.checksummed(header)).toBytes(), 512);

        assertThat(collected.entries.getFirst().path()).isEqualTo("\u00e9");
    }

    @Test
    void zerosBehindTheEndAreAllowedAndNothingElse() {
        byte[] padded = Arrays.copyOf(sample(), 20 * 512 * 3);
        assertThatCode(() -> scan(padded, 1000)).doesNotThrowAnyException();
        padded[padded.length - 1] = 1;

        assertRefused(padded, ErrorCode.ARCHIVE_CORRUPT);
    }

    @Test
    void everyTruncationIsFound() {
        byte[] tar = sample();
        for (int length = 0; length < tar.length; length += 37) {
            assertRefused(Arrays.copyOf(tar, length), ErrorCode.ARCHIVE_INCOMPLETE);
        }
    }

    @Test
    void whatIsNoTarIsRefused() {
        assertRefused(SampleData.random(new Random(1), 10_000), ErrorCode.ARCHIVE_CORRUPT);
        byte[] oneZeroBlock = sample();
        Arrays.fill(oneZeroBlock, 0, 512, (byte) 0);
        assertRefused(oneZeroBlock, ErrorCode.ARCHIVE_CORRUPT);
        byte[] damaged = sample();
        damaged[1] ^= 1;
        assertRefused(damaged, ErrorCode.ARCHIVE_CORRUPT);
    }

    @Test
    void entriesThatLeaveTheDirectoryAreRefused() {
        for (String path : List.of("/etc/passwd", "../x", "base/../../x", "/")) {
            assertRefused(new PostgresTar().file(path, "x").toBytes(), ErrorCode.ARCHIVE_CORRUPT);
        }
    }

    @Test
    void extensionHeadersThatMakeNoSenseAreRefused() {
        assertRefused(
                new PostgresTar().raw(extension('x', "99 path=short\n")).file("x", "").toBytes(),
                ErrorCode.ARCHIVE_CORRUPT);
        assertRefused(
                new PostgresTar().raw(extension('x', "nonsense")).file("x", "").toBytes(),
                ErrorCode.ARCHIVE_CORRUPT);
        assertRefused(
                new PostgresTar().raw(extension('x', pax("size", "many"))).file("x", "").toBytes(),
                ErrorCode.ARCHIVE_CORRUPT);
        assertRefused(
                new PostgresTar().raw(PostgresTar.header("L", 'L', 1 << 20, 0, "")).toBytes(),
                ErrorCode.ARCHIVE_CORRUPT);
    }

    private static void assertRefused(byte[] tar, ErrorCode expected) {
        assertThatThrownBy(() -> scan(tar, 777))
                .asInstanceOf(type(CairnException.class))
                .satisfies(e -> assertThat(e.code()).isEqualTo(expected))
                .satisfies(e -> assertThat(e.messageWithHint()).contains("base.tar", "hint:"));
    }

    private static byte[] extension(char kind, String content) {
        byte[] bytes = content.getBytes(StandardCharsets.UTF_8);
        ByteArrayOutputStream blocks = new ByteArrayOutputStream();
        blocks.writeBytes(PostgresTar.header("././@LongLink", kind, bytes.length, 0, ""));
        blocks.writeBytes(bytes);
        blocks.writeBytes(new byte[-bytes.length & 511]);
        return blocks.toByteArray();
    }

    private static String pax(String key, String value) {
        String rest = " " + key + "=" + value + "\n";
        int length = rest.length() + 1;
        while (String.valueOf(length).length() + rest.length() != length) {
            length++;
        }
        return length + rest;
    }
}
