package io.cairn.archive.gzip;

import java.util.Optional;

/**
 * A library that writes and reads gzip members (RFC 1952). All write the same format; what differs
 * is speed: libdeflate compresses at more than twice the rate of the JDK's zlib for the same size.
 *
 * <p>Thread-safe. The compressors and decompressors it makes are not: one per thread, closed by
 * whoever asked for it.
 */
public sealed interface GzipCodec permits Libdeflate, Zlib {

    /**
     * Most bytes of input that one member holds: 1 MiB. Smaller costs size, larger saves under 0.2
     * %.
     */
    int MEMBER_BYTES = 1 << 20;

    int MIN_LEVEL = 6;
    int MAX_LEVEL = 9;

    /**
     * For commit objects, logs and {@code cairn check}: {@code libdeflate} or {@code zlib (JDK)}.
     */
    String name();

    /** The most bytes that a member of {@code bytes} bytes of input takes. */
    int bound(int bytes);

    /** Native memory that one compressor holds, in bytes, rounded up. */
    long compressorBytes();

    /**
     * @param level 6 to 9, as gzip numbers them
     */
    GzipCompressor compressor(int level);

    GzipDecompressor decompressor();

    /** libdeflate where it is installed, the JDK's zlib where not. */
    static GzipCodec best() {
        return libdeflate().orElseGet(GzipCodec::zlib);
    }

    /** libdeflate, if the library is installed and the JVM may call it. */
    static Optional<GzipCodec> libdeflate() {
        return Libdeflate.load();
    }

    static GzipCodec zlib() {
        return new Zlib();
    }

    /** {@code level}, if it is one that Cairn offers. */
    static int requireLevel(int level) {
        if (level < MIN_LEVEL || level > MAX_LEVEL) {
            throw new IllegalArgumentException("gzip level " + level + " is not between 6 and 9");
        }
        return level;
    }
}
