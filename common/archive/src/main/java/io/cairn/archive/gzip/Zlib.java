package io.cairn.archive.gzip;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.zip.CRC32;
import java.util.zip.DataFormatException;
import java.util.zip.Deflater;
import java.util.zip.Inflater;

/** The zlib that comes with the JDK. */
final class Zlib implements GzipCodec {

    private static final ValueLayout.OfInt LITTLE_ENDIAN_INT =
            ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    @Override
    public String name() {
        return "zlib (JDK)";
    }

    @Override
    public int bound(int bytes) {
        // zlib's compressBound() for the deflate data.
        return bytes
                + (bytes >> 12)
                + (bytes >> 14)
                + (bytes >> 25)
                + 13
                + MemberHeader.BYTES
                + MemberHeader.TRAILER_BYTES;
    }

    @Override
    public long compressorBytes() {
        return 272 << 10;
    }

    @Override
    public GzipCompressor compressor(int level) {
        return new ZlibCompressor(GzipCodec.requireLevel(level));
    }

    @Override
    public GzipDecompressor decompressor() {
        return new ZlibDecompressor();
    }

    private static final class ZlibCompressor implements GzipCompressor {

        private static final byte[] HEADER = {0x1f, (byte) 0x8b, 8, 0, 0, 0, 0, 0, 0, (byte) 255};

        private final Deflater deflater;

        ZlibCompressor(int level) {
            deflater = new Deflater(level, true);
        }

        @Override
        public int compress(MemorySegment input, MemorySegment output) {
            CRC32 crc = new CRC32();
            crc.update(input.asByteBuffer());
            MemorySegment.copy(HEADER, 0, output, ValueLayout.JAVA_BYTE, 0, HEADER.length);
            deflater.reset();
            deflater.setInput(input.asByteBuffer());
            deflater.finish();
            int end =
                    HEADER.length + deflater.deflate(output.asSlice(HEADER.length).asByteBuffer());
            if (!deflater.finished()) {
                throw new IllegalArgumentException(
                        "no room for a member of " + input.byteSize() + " bytes");
            }
            output.set(LITTLE_ENDIAN_INT, end, (int) crc.getValue());
            output.set(LITTLE_ENDIAN_INT, end + 4, (int) input.byteSize());
            return end + MemberHeader.TRAILER_BYTES;
        }

        @Override
        public void close() {
            deflater.end();
        }
    }

    /**
     * An own loop over {@link Inflater}: {@code GZIPInputStream} of older JDKs stops silently at a
     * member boundary when its source says that nothing is available.
     */
    private static final class ZlibDecompressor implements GzipDecompressor {

        private final Inflater inflater = new Inflater(true);
        private final CRC32 crc = new CRC32();
        private int consumed;

        @Override
        public int inflate(byte[] gzip, int from, int to, byte[] output) {
            inflater.reset();
            inflater.setInput(gzip, from + MemberHeader.BYTES, to - from - MemberHeader.BYTES);
            int bytes = inflateAll(output);
            int trailer = from + MemberHeader.BYTES + (int) inflater.getBytesRead();
            if (bytes == CORRUPT || to - trailer < MemberHeader.TRAILER_BYTES) {
                return CORRUPT;
            }
            crc.reset();
            crc.update(output, 0, bytes);
            MemorySegment segment = MemorySegment.ofArray(gzip);
            if (segment.get(LITTLE_ENDIAN_INT, trailer) != (int) crc.getValue()
                    || segment.get(LITTLE_ENDIAN_INT, trailer + 4L) != bytes) {
                return CORRUPT;
            }
            consumed = trailer + MemberHeader.TRAILER_BYTES - from;
            return bytes;
        }

        private int inflateAll(byte[] output) {
            // One more byte than a member may have: it tells a member that is too long from one
            // that just fits, and
            // gives zlib the call it needs to see the end of a stream whose last byte filled the
            // buffer.
            byte[] beyond = new byte[1];
            int bytes = 0;
            try {
                while (!inflater.finished()) {
                    boolean full = bytes == output.length;
                    int n =
                            full
                                    ? inflater.inflate(beyond)
                                    : inflater.inflate(output, bytes, output.length - bytes);
                    boolean stuck = n == 0 && !inflater.finished();
                    if (stuck || (full && n > 0)) {
                        return CORRUPT;
                    }
                    bytes += n;
                }
                return bytes;
            } catch (DataFormatException _) {
                return CORRUPT;
            }
        }

        @Override
        public int consumed() {
            return consumed;
        }

        @Override
        public void close() {
            inflater.end();
        }
    }
}
