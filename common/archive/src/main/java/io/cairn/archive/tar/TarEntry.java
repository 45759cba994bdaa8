package io.cairn.archive.tar;

import java.util.Optional;

/**
 * One file, directory or link of a tar stream.
 *
 * @param path relative, with {@code /}, without a trailing one; the stream's root is {@code .}
 * @param offset of the content's first byte in the tar stream
 * @param size bytes of content; 0 for what is no file
 * @param mode permission bits, as of {@code chmod}
 * @param modifiedSeconds modification time, seconds since 1970
 * @param link target, of a symbolic link
 */
public record TarEntry(
        String path,
        TarEntryType type,
        long offset,
        long size,
        int mode,
        long modifiedSeconds,
        Optional<String> link) {

    /** First byte of the tar stream behind the content; padding follows. */
    public long end() {
        return offset + size;
    }
}
