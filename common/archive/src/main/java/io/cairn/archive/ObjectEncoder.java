package io.cairn.archive;

import io.cairn.archive.cms.CmsSealer;
import io.cairn.archive.gzip.GzipCodec;
import io.cairn.archive.gzip.GzipCompressor;
import io.cairn.archive.key.BackupKey;
import io.cairn.model.ObjectKey;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.security.SecureRandom;

/**
 * Makes one stored object of bytes that fit into memory: gzip members of 1 MiB of input, encrypted,
 * as in a volume. For manifest and index.
 *
 * <p>Thread-safe. Memory while it works: the largest the object can get, and 2 MiB.
 */
public final class ObjectEncoder {

    private final GzipCodec codec;
    private final int gzipLevel;
    private final BackupKey key;
    private final SecureRandom random = new SecureRandom();

    /**
     * @param gzipLevel 6 to 9
     */
    public ObjectEncoder(GzipCodec codec, int gzipLevel, BackupKey key) {
        this.codec = codec;
        this.gzipLevel = GzipCodec.requireLevel(gzipLevel);
        this.key = key;
    }

    public SealedObject encode(ObjectKey name, byte[] content) {
        return encode(name, content, 0, content.length);
    }

    /** Encodes {@code bytes} bytes of {@code content} from {@code from} on. */
    public SealedObject encode(ObjectKey name, byte[] content, int from, int bytes) {
        int inputBytes = Math.clamp(bytes, 1, GzipCodec.MEMBER_BYTES);
        int memberBytes = codec.bound(inputBytes);
        long members = Math.max(1, Math.ceilDiv((long) bytes, GzipCodec.MEMBER_BYTES));
        CmsSealer sealer =
                new CmsSealer(
                        Math.toIntExact(members * memberBytes + CmsSealer.MAX_OVERHEAD_BYTES),
                        random);
        sealer.begin(key);
        try (Arena arena = Arena.ofConfined();
                GzipCompressor compressor = codec.compressor(gzipLevel)) {
            MemorySegment input = arena.allocate(inputBytes);
            MemorySegment output = arena.allocate(memberBytes);
            byte[] member = new byte[memberBytes];
            int at = from;
            int end = from + bytes;
            // At least one member: no members at all would not be gzip.
            do {
                int length = Math.min(inputBytes, end - at);
                MemorySegment.copy(content, at, input, ValueLayout.JAVA_BYTE, 0, length);
                int compressed = compressor.compress(input.asSlice(0, length), output);
                MemorySegment.copy(output, ValueLayout.JAVA_BYTE, 0, member, 0, compressed);
                sealer.append(member, 0, compressed);
                at += length;
            } while (at < end);
        }
        return SealedObject.of(name, sealer.seal());
    }
}
