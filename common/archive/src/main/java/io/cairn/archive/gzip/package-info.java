/**
 * Compression: independent gzip members (RFC 1952) of at most 1 MiB of input, by libdeflate where
 * it is installed and by the JDK's zlib where it is not. Both write and read the same format.
 */
@NullMarked
package io.cairn.archive.gzip;

import org.jspecify.annotations.NullMarked;
