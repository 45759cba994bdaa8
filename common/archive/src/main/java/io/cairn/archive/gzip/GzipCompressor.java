package io.cairn.archive.gzip;

import java.lang.foreign.MemorySegment;

/** Compresses at one level. Not thread-safe; holds native memory until it is closed. */
public interface GzipCompressor extends AutoCloseable {

    /**
     * Writes all of {@code input} as one member to the start of {@code output}.
     *
     * @param input native memory, at most {@link GzipCodec#MEMBER_BYTES}
     * @param output native memory, at least {@link GzipCodec#bound} of the input's size
     * @return length of the member
     */
    int compress(MemorySegment input, MemorySegment output);

    @Override
    void close();
}
