package io.cairn.archive.gzip;

/**
 * The header of a member as Cairn writes it (RFC 1952, section 2.3.1): {@code 1f 8b 08 FLG MTIME×4
 * XFL OS} with FLG and MTIME 0. XFL and OS are the codec's; readers do not look at them.
 */
final class MemberHeader {

    static final int BYTES = 10;

    /** CRC32 and ISIZE, both little-endian. */
    static final int TRAILER_BYTES = 8;

    private static final byte[] START = {0x1f, (byte) 0x8b, 8, 0, 0, 0, 0, 0};

    private MemberHeader() {}

    static boolean isAt(byte[] gzip, int from, int to) {
        if (to - from < BYTES + TRAILER_BYTES) {
            return false;
        }
        for (int i = 0; i < START.length; i++) {
            if (gzip[from + i] != START[i]) {
                return false;
            }
        }
        return true;
    }
}
