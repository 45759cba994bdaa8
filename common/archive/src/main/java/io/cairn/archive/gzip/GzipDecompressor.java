package io.cairn.archive.gzip;

/**
 * Inflates one member after another; {@link GzipMembers} reads whole sequences. Not thread-safe;
 * holds native memory until it is closed.
 */
public interface GzipDecompressor extends AutoCloseable {

    /** What {@link #inflate} answers for bytes that are no member, or one that does not fit. */
    int CORRUPT = -1;

    /**
     * Inflates the member at {@code from} and checks its CRC and length.
     *
     * @param output takes the whole member
     * @return bytes written to {@code output}, or {@link #CORRUPT}
     */
    int inflate(byte[] gzip, int from, int to, byte[] output);

    /** Length of the member that the last successful {@link #inflate} read. */
    int consumed();

    @Override
    void close();
}
