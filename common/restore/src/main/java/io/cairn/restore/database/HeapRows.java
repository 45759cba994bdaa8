package io.cairn.restore.database;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/**
 * Row versions in the pages of a shared catalog, visible or not, for when no server can be asked
 * yet.
 *
 * @see <a href="https://www.postgresql.org/docs/current/storage-page-layout.html">Database Page
 *     Layout</a>
 */
public final class HeapRows {

    /** Of a {@code name}, padded with zeros. */
    public static final int NAME = 64;

    private static final int MAP_MAGIC = 0x592717;
    private static final int PAGE = 8192;
    private static final int PAGE_HEADER = 24;
    private static final int LP_NORMAL = 1;

    private HeapRows() {}

    /** Is told where a row's first column begins in a page. */
    @FunctionalInterface
    public interface Visitor {
        void row(ByteBuffer page, int at);
    }

    /**
     * {@code pg_filenode.map}: magic, number of mappings, then pairs of relation oid and file
     * number.
     *
     * @throws IOException if it has another format, or does not list the relation
     */
    public static int fileOf(int relation, byte[] map) throws IOException {
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

    /** Whole pages; one that is no page with rows has none. */
    public static void visit(byte[] pages, Visitor visitor) {
        ByteBuffer all = nativeOrder(pages);
        for (int page = 0; page + PAGE <= all.limit(); page += PAGE) {
            onPage(all.slice(page, PAGE).order(all.order()), visitor);
        }
    }

    private static void onPage(ByteBuffer page, Visitor visitor) {
        int lower = Math.min(PAGE, Short.toUnsignedInt(page.getShort(12)));
        for (int item = PAGE_HEADER; item + Integer.BYTES <= lower; item += Integer.BYTES) {
            int id = page.getInt(item);
            int offset = id & 0x7FFF;
            int flags = id >>> 15 & 0x3;
            if (flags == LP_NORMAL && offset + PAGE_HEADER <= PAGE) {
                visitor.row(page, offset + Byte.toUnsignedInt(page.get(offset + 22)));
            }
        }
    }

    /** A {@code name}. */
    public static String name(ByteBuffer page, int at) {
        byte[] name = new byte[NAME];
        page.get(at, name);
        int length = 0;
        while (length < name.length && name[length] != 0) {
            length++;
        }
        return new String(name, 0, length, StandardCharsets.UTF_8);
    }

    private static ByteBuffer nativeOrder(byte[] bytes) {
        return ByteBuffer.wrap(bytes).order(ByteOrder.nativeOrder());
    }
}
