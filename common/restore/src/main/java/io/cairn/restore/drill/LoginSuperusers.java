package io.cairn.restore.drill;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * The names of roles that may be superusers with LOGIN, read from the files of {@code pg_authid}: a
 * restored cluster need not have a role {@code postgres}, and without a role nobody can connect and
 * ask. Row versions are taken whether they are visible or not, so a name is a candidate until a
 * connection with it succeeds.
 *
 * <p>The layout read here is that of PostgreSQL 15 to 18: a row of {@code pg_authid} begins with
 * {@code oid}, {@code rolname} (64 bytes), {@code rolsuper}, {@code rolinherit}, {@code
 * rolcreaterole}, {@code rolcreatedb}, {@code rolcanlogin}.
 *
 * @see <a href="https://www.postgresql.org/docs/current/storage-page-layout.html">Database Page
 *     Layout</a>
 */
final class LoginSuperusers {

    private static final int MAP_MAGIC = 0x592717;
    private static final int AUTHID = 1260;
    private static final int PAGE = 8192;
    private static final int PAGE_HEADER = 24;
    private static final int NAME = 64;
    private static final int LP_NORMAL = 1;

    private LoginSuperusers() {}

    /** Candidates in a stopped or checkpointed data directory, {@code postgres} first. */
    static List<String> in(Path dataDirectory) throws IOException {
        Path global = dataDirectory.resolve("global");
        int file = fileOf(AUTHID, Files.readAllBytes(global.resolve("pg_filenode.map")));
        ByteBuffer pages = nativeOrder(Files.readAllBytes(global.resolve(Integer.toString(file))));
        List<String> names = new ArrayList<>();
        for (int page = 0; page + PAGE <= pages.limit(); page += PAGE) {
            names.addAll(onPage(pages.slice(page, PAGE).order(pages.order())));
        }
        return names.stream()
                .distinct()
                .sorted(Comparator.comparing((String name) -> !name.equals("postgres")))
                .toList();
    }

    /**
     * {@code pg_filenode.map}: magic, number of mappings, then pairs of relation oid and file
     * number.
     */
    static int fileOf(int relation, byte[] map) throws IOException {
        ByteBuffer buffer = nativeOrder(map);
        if (buffer.getInt() != MAP_MAGIC) {
            throw new IOException("global/pg_filenode.map has an unknown format");
        }
        for (int left = buffer.getInt(); left > 0; left--) {
            int oid = buffer.getInt();
            int number = buffer.getInt();
            if (oid == relation) {
                return number;
            }
        }
        throw new IOException("global/pg_filenode.map does not list relation " + relation);
    }

    private static List<String> onPage(ByteBuffer page) {
        int lower = Short.toUnsignedInt(page.getShort(12));
        List<String> names = new ArrayList<>();
        for (int item = PAGE_HEADER; item < lower; item += 4) {
            int id = page.getInt(item);
            int offset = id & 0x7FFF;
            int flags = id >>> 15 & 0x3;
            if (flags == LP_NORMAL) {
                inRow(page, offset + Byte.toUnsignedInt(page.get(offset + 22)))
                        .ifPresent(names::add);
            }
        }
        return names;
    }

    private static Optional<String> inRow(ByteBuffer page, int row) {
        int flags = row + 4 + NAME;
        boolean superuser = page.get(flags) != 0;
        boolean canLogin = page.get(flags + 4) != 0;
        if (!superuser || !canLogin) {
            return Optional.empty();
        }
        byte[] name = new byte[NAME];
        page.get(row + 4, name);
        return Optional.of(new String(name, 0, lengthOf(name), StandardCharsets.UTF_8));
    }

    private static int lengthOf(byte[] name) {
        int length = 0;
        while (length < name.length && name[length] != 0) {
            length++;
        }
        return length;
    }

    private static ByteBuffer nativeOrder(byte[] bytes) {
        return ByteBuffer.wrap(bytes).order(ByteOrder.nativeOrder());
    }
}
