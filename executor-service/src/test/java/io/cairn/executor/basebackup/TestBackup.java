package io.cairn.executor.basebackup;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.cairn.model.Lsn;
import io.cairn.model.Sha256;
import io.cairn.model.SystemIdentifier;
import io.cairn.model.Timeline;
import io.cairn.model.backup.Archive.Tablespace;
import io.cairn.model.backup.CommitObject.PageDamage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.stream.IntStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;

/**
 * A base backup as a server would send it: one tablespace, a data directory, two WAL segments, and
 * the manifest.
 */
final class TestBackup {

    static final SystemIdentifier SYSTEM = new SystemIdentifier(7_345_678_901_234_567_890L);
    static final Timeline TIMELINE = new Timeline(1);
    static final long SEGMENT_BYTES = 1 << 20;
    static final Lsn START = Lsn.parse("0/200028");
    static final Lsn STOP = Lsn.parse("0/300100");
    static final Tablespace TABLESPACE = new Tablespace(16_400, "/srv/fast");

    private final Map<String, byte[]> tablespaceFiles = new LinkedHashMap<>();
    private final Map<String, byte[]> files = new LinkedHashMap<>();
    private final Map<String, byte[]> wal = new LinkedHashMap<>();
    private final Map<String, byte[]> listed = new LinkedHashMap<>();
    private SystemIdentifier manifestSystem = SYSTEM;
    private final List<PageDamage> damage = new ArrayList<>();

    private TestBackup() {}

    /** About {@code bytes} of data and two WAL segments of 1 MiB each. */
    static TestBackup of(int bytes) {
        TestBackup backup = new TestBackup();
        Random random = new Random(bytes);
        backup.tablespace("PG_18_202506291/5/16401", random(random, bytes / 4));
        backup.file("backup_label", "START WAL LOCATION: 0/200028\n".getBytes(UTF_8));
        backup.file("tablespace_map", "16400 /srv/fast\n".getBytes(UTF_8));
        backup.file("PG_VERSION", "18\n".getBytes(UTF_8));
        backup.file("base/5/1259", new byte[bytes / 4]);
        backup.file("base/5/16384", random(random, bytes / 2));
        backup.file("base/5/empty", new byte[0]);
        backup.file("global/pg_control", random(random, 8192));
        backup.wal.put("pg_wal/000000010000000000000002", new byte[(int) SEGMENT_BYTES]);
        backup.wal.put("pg_wal/000000010000000000000003", new byte[(int) SEGMENT_BYTES]);
        return backup;
    }

    private static byte[] random(Random random, int bytes) {
        byte[] content = new byte[bytes];
        random.nextBytes(content);
        return content;
    }

    private void file(String path, byte[] content) {
        files.put(path, content);
        listed.put(path, content);
    }

    private void tablespace(String path, byte[] content) {
        tablespaceFiles.put(path, content);
        listed.put("pg_tblspc/" + TABLESPACE.oid() + "/" + path, content);
    }

    // What can be wrong
    // -----------------------------------------------------------------------------------------------

    TestBackup unlisted(String path) {
        files.put(path, new byte[10]);
        return this;
    }

    TestBackup listedOnly(String path) {
        listed.put(path, new byte[10]);
        return this;
    }

    TestBackup listedAs(String path, int size) {
        listed.put(path, new byte[size]);
        return this;
    }

    /**
     * A file of which only blocks are sent.
     *
     * @param length in blocks, of the file as a restore makes it
     */
    TestBackup incremental(String path, int length, int... blocks) {
        ByteBuffer header =
                ByteBuffer.allocate(8192).order(ByteOrder.nativeOrder()).putInt(0xd3ae1f0d);
        header.putInt(blocks.length).putInt(length);
        IntStream.of(blocks).forEach(header::putInt);
        file(path, Arrays.copyOf(header.array(), 8192 * (blocks.length + 1)));
        return this;
    }

    TestBackup withoutWal(String segment) {
        wal.remove("pg_wal/" + segment);
        return this;
    }

    TestBackup shortWal(String segment) {
        wal.put("pg_wal/" + segment, new byte[100]);
        return this;
    }

    TestBackup manifestOf(SystemIdentifier system) {
        manifestSystem = system;
        return this;
    }

    TestBackup damaged(PageDamage page) {
        damage.add(page);
        return this;
    }

    // What is sent
    // ----------------------------------------------------------------------------------------------------

    List<PageDamage> damage() {
        return damage;
    }

    int files() {
        return listed.size();
    }

    byte[] tablespaceTar() {
        return tar(tablespaceFiles, Map.of());
    }

    byte[] baseTar() {
        return tar(files, wal);
    }

    long bytes() {
        return (long) tablespaceTar().length + baseTar().length;
    }

    private static byte[] tar(Map<String, byte[]> files, Map<String, byte[]> more) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (TarArchiveOutputStream tar = new TarArchiveOutputStream(bytes, 1024)) {
            for (Map<String, byte[]> some : List.of(files, more)) {
                for (Map.Entry<String, byte[]> file : some.entrySet()) {
                    TarArchiveEntry entry = new TarArchiveEntry(file.getKey());
                    // Made anew at every call: the same bytes whatever the second.
                    entry.setModTime(0L);
                    entry.setMode(0100600);
                    entry.setSize(file.getValue().length);
                    tar.putArchiveEntry(entry);
                    tar.write(file.getValue());
                    tar.closeArchiveEntry();
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }

    byte[] manifest() {
        StringBuilder json =
                new StringBuilder(
                        "{ \"PostgreSQL-Backup-Manifest-Version\": 2,\n\"System-Identifier\": "
                                + manifestSystem
                                + ",\n\"Files\": [");
        String separator = "\n";
        for (Map.Entry<String, byte[]> file : listed.entrySet()) {
            json.append(separator)
                    .append(
                            ("{ \"Path\": \"%s\", \"Size\": %d, \"Last-Modified\": \"2026-11-22 02:00:00 GMT\","
                                            + " \"Checksum-Algorithm\": \"SHA256\", \"Checksum\": \"%s\" }")
                                    .formatted(
                                            file.getKey(),
                                            file.getValue().length,
                                            Sha256.of(file.getValue())));
            separator = ",\n";
        }
        json.append(
                "\n],\n\"WAL-Ranges\": [\n{ \"Timeline\": 1, \"Start-LSN\": \"%s\", \"End-LSN\": \"%s\" }\n],\n"
                        .formatted(START, STOP));
        String checksum = Sha256.of(json.toString().getBytes(UTF_8)).hex();
        return (json + "\"Manifest-Checksum\": \"" + checksum + "\"}\n").getBytes(UTF_8);
    }

    static Optional<Tablespace> tablespace() {
        return Optional.of(TABLESPACE);
    }
}
