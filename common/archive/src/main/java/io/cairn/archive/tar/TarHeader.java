package io.cairn.archive.tar;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;

/**
 * One 512-byte header block (POSIX.1-2017, pax, "ustar Interchange Format"). PostgreSQL's {@code
 * src/port/tar.c} writes names of at most 99 bytes, no prefix, directories and links with a
 * trailing {@code /}, and numbers in octal, or in base 256 after a byte {@code 0x80} where octal
 * has no room (a file of 8 GiB or more). GNU and pax extensions are read as well.
 */
record TarHeader(byte[] bytes, int at) {

    static final int BLOCK_BYTES = 512;

    private static final int NAME = 0;
    private static final int NAME_BYTES = 100;
    private static final int MODE = 100;
    private static final int SIZE = 124;
    private static final int MODIFIED = 136;
    private static final int CHECKSUM = 148;
    private static final int CHECKSUM_END = 156;
    private static final int TYPE = 156;
    private static final int LINK = 157;
    private static final int MAGIC = 257;
    private static final int PREFIX = 345;
    private static final int PREFIX_BYTES = 155;

    boolean isZero() {
        for (int i = 0; i < BLOCK_BYTES; i++) {
            if (bytes[at + i] != 0) {
                return false;
            }
        }
        return true;
    }

    boolean checksumFits() {
        int sum = 0;
        for (int i = 0; i < BLOCK_BYTES; i++) {
            sum += i >= CHECKSUM && i < CHECKSUM_END ? ' ' : bytes[at + i] & 0xff;
        }
        return sum == number(CHECKSUM, CHECKSUM_END - CHECKSUM);
    }

    char type() {
        return (char) (bytes[at + TYPE] & 0xff);
    }

    String path() {
        String name = text(bytes, at + NAME, NAME_BYTES);
        // GNU's magic, "ustar  ", uses the prefix for other things.
        boolean posix = bytes[at + MAGIC] == 'u' && bytes[at + MAGIC + 5] == 0;
        String prefix = posix ? text(bytes, at + PREFIX, PREFIX_BYTES) : "";
        return prefix.isEmpty() ? name : prefix + "/" + name;
    }

    String link() {
        return text(bytes, at + LINK, NAME_BYTES);
    }

    int mode() {
        return (int) number(MODE, 8) & 07777;
    }

    long size() {
        return number(SIZE, 12);
    }

    long modifiedSeconds() {
        return number(MODIFIED, 12);
    }

    private long number(int offset, int length) {
        int start = at + offset;
        if ((bytes[start] & 0x80) != 0) {
            long value = 0;
            for (int i = 1; i < length; i++) {
                value = (value << 8) | (bytes[start + i] & 0xff);
            }
            return value;
        }
        long value = 0;
        for (int i = 0; i < length; i++) {
            int digit = bytes[start + i] - '0';
            if (digit >= 0 && digit < 8) {
                value = value << 3 | digit;
            } else if (bytes[start + i] != ' ' || value != 0) {
                break;
            }
        }
        return value;
    }

    /**
     * Text up to the first NUL: UTF-8, or what every byte means in ISO 8859-1 if it is not that.
     */
    static String text(byte[] bytes, int from, int maxLength) {
        int length = 0;
        while (length < maxLength && bytes[from + length] != 0) {
            length++;
        }
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes, from, length))
                    .toString();
        } catch (CharacterCodingException _) {
            return new String(bytes, from, length, StandardCharsets.ISO_8859_1);
        }
    }
}
