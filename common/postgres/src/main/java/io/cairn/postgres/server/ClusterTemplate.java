package io.cairn.postgres.server;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.zip.CRC32C;

/**
 * A data directory as {@code initdb} left it, in the cache, from which others are copied. Only the
 * system identifier tells clusters apart, and a copy gets its own: in the control file and in the
 * first page of each segment, which is all that holds it before a server has run.
 *
 * @see <a href="https://github.com/postgres/postgres/blob/master/src/include/catalog/pg_control.h">
 *     ControlFileData</a>
 */
record ClusterTemplate(Path directory) {

    private static final String SEGMENTS = "00000001????????????????";

    /** Of {@code xlp_sysid} in the long header of a segment's first page. */
    private static final int IDENTIFIER_IN_PAGE = 24;

    /** More than {@code ControlFileData} of any version, less than its 8 KiB of file. */
    private static final int CONTROL_DATA_MAX = 512;

    /** Fills an empty directory with a new cluster. */
    @FunctionalInterface
    interface Initdb {
        void into(Path directory) throws IOException;
    }

    /**
     * @param parts all that makes one cluster different from another
     */
    static ClusterTemplate of(Path cache, List<String> parts) {
        try {
            byte[] digest =
                    MessageDigest.getInstance("SHA-256")
                            .digest(String.join("\0", parts).getBytes(StandardCharsets.UTF_8));
            return new ClusterTemplate(cache.resolve(HexFormat.of().formatHex(digest, 0, 12)));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    /**
     * Makes it unless it is there. A directory of that name is always complete: it is filled under
     * another name and renamed, and whoever comes second uses the first one's.
     */
    void make(Initdb initdb) throws IOException {
        if (Files.isDirectory(directory)) {
            return;
        }
        Path cache = Files.createDirectories(directory.getParent());
        Path unfinished = Files.createTempDirectory(cache, ".initdb-");
        initdb.into(unfinished);
        try {
            Files.move(unfinished, directory, StandardCopyOption.ATOMIC_MOVE);
        } catch (FileSystemException e) {
            FileTree.delete(unfinished);
            if (!Files.isDirectory(directory)) {
                throw e;
            }
        }
    }

    /** Makes a cluster that was copied another than the one that it was copied from. */
    static void giveIdentifier(Path data) throws IOException {
        long identifier = newIdentifier();
        Path control = data.resolve("global/pg_control");
        ByteBuffer bytes =
                ByteBuffer.wrap(Files.readAllBytes(control)).order(ByteOrder.nativeOrder());
        int end = checksumAt(bytes);
        bytes.putLong(0, identifier);
        bytes.putInt(end, checksum(bytes, end));
        Files.write(control, bytes.array());

        ByteBuffer field = ByteBuffer.allocate(Long.BYTES).order(ByteOrder.nativeOrder());
        field.putLong(identifier).flip();
        try (DirectoryStream<Path> segments =
                Files.newDirectoryStream(data.resolve("pg_wal"), SEGMENTS)) {
            for (Path segment : segments) {
                try (FileChannel wal = FileChannel.open(segment, StandardOpenOption.WRITE)) {
                    wal.write(field.duplicate(), IDENTIFIER_IN_PAGE);
                }
            }
        }
    }

    /** As the server makes it: seconds, then what tells apart clusters of the same second. */
    private static long newIdentifier() {
        return Instant.now().getEpochSecond() << 32
                | ThreadLocalRandom.current().nextLong(1L << 32);
    }

    /** Where the control data's checksum is, which is its last field and covers all before it. */
    private static int checksumAt(ByteBuffer control) throws IOException {
        CRC32C crc = new CRC32C();
        for (int end = 0; end < CONTROL_DATA_MAX; end += Integer.BYTES) {
            if (end > 0 && (int) crc.getValue() == control.getInt(end)) {
                return end;
            }
            crc.update(control.slice(end, Integer.BYTES));
        }
        throw new IOException("the control file has no checksum");
    }

    private static int checksum(ByteBuffer bytes, int length) {
        CRC32C crc = new CRC32C();
        crc.update(bytes.slice(0, length));
        return (int) crc.getValue();
    }
}
