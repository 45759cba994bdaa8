package io.cairn.archive;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;

/** Tar streams byte for byte as PostgreSQL's src/port/tar.c and basebackup.c write them. */
public final class PostgresTar {

    private static final int BLOCK = 512;
    public static final long MODIFIED = 1_763_776_800L;

    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

    public PostgresTar directory(String path) {
        bytes.writeBytes(header(path + "/", '5', 0, 0700, ""));
        return this;
    }

    public PostgresTar symlink(String path, String target) {
        bytes.writeBytes(header(path + "/", '2', 0, 0700, target));
        return this;
    }

    public PostgresTar file(String path, byte[] content) {
        bytes.writeBytes(header(path, '0', content.length, 0600, ""));
        bytes.writeBytes(content);
        bytes.writeBytes(new byte[-content.length & (BLOCK - 1)]);
        return this;
    }

    public PostgresTar file(String path, String content) {
        return file(path, content.getBytes(StandardCharsets.UTF_8));
    }

    public PostgresTar raw(byte[] block) {
        bytes.writeBytes(block);
        return this;
    }

    public long size() {
        return bytes.size();
    }

    /** With the two zero blocks that end the stream. */
    public byte[] toBytes() {
        bytes.writeBytes(new byte[2 * BLOCK]);
        return bytes.toByteArray();
    }

    public static byte[] header(String name, char type, long size, int mode, String link) {
        byte[] header = new byte[BLOCK];
        text(header, 0, name);
        number(header, 100, 8, mode);
        number(header, 108, 8, 0);
        number(header, 116, 8, 0);
        number(header, 124, 12, size);
        number(header, 136, 12, MODIFIED);
        header[156] = (byte) type;
        text(header, 157, link);
        text(header, 257, "ustar");
        text(header, 263, "00");
        text(header, 265, "postgres");
        text(header, 297, "postgres");
        number(header, 329, 8, 0);
        number(header, 337, 8, 0);
        return checksummed(header);
    }

    /** The header with its checksum field set. */
    public static byte[] checksummed(byte[] header) {
        int sum = 8 * ' ';
        for (int i = 0; i < BLOCK; i++) {
            if (i < 148 || i >= 156) {
                sum += header[i] & 0xff;
            }
        }
        number(header, 148, 8, sum);
        return header;
    }

    public static void text(byte[] header, int at, String text) {
        byte[] encoded = text.getBytes(StandardCharsets.UTF_8);
        System.arraycopy(encoded, 0, header, at, encoded.length);
    }

    /** As print_tar_number(): octal and a space, or 0x80 and base 256. */
    static void number(byte[] header, int at, int length, long value) {
        long rest = value;
        int i = length - 1;
        if (value >= 0 && value < 1L << 3 * (length - 1)) {
            header[at + i] = ' ';
            while (--i >= 0) {
                header[at + i] = (byte) ('0' + (rest & 7));
                rest >>= 3;
            }
        } else {
            header[at] = (byte) 0x80;
            for (; i > 0; i--) {
                header[at + i] = (byte) rest;
                rest >>= 8;
            }
        }
    }
}
