package io.cairn.storage;

import io.cairn.model.Sha256;
import io.cairn.model.error.CairnException;
import io.cairn.model.error.ErrorCode;
import java.io.BufferedInputStream;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.util.List;
import java.util.function.Supplier;

/**
 * The bytes of an object to be stored: of known length and digest, and readable again for a retry.
 * Implementations are safe for several readers at once.
 */
public interface ObjectBody {

    long length();

    /** Digest of exactly the bytes that {@link #open()} yields. */
    Sha256 sha256();

    /** A new stream over all bytes, from the first. Errors are thrown as {@link CairnException}. */
    InputStream open();

    /** The array is not copied: leave it alone until the PUT is over. */
    static ObjectBody of(byte[] bytes) {
        return of(bytes.length, Sha256.of(bytes), () -> new ByteArrayInputStream(bytes));
    }

    /**
     * The remaining bytes of the buffers in order. Neither copied nor moved on: leave them alone
     * until the PUT is over.
     *
     * @param sha256 digest of those bytes
     */
    static ObjectBody of(List<ByteBuffer> buffers, Sha256 sha256) {
        List<ByteBuffer> views = buffers.stream().map(ByteBuffer::asReadOnlyBuffer).toList();
        long length = views.stream().mapToLong(ByteBuffer::remaining).sum();
        return of(length, sha256, () -> new ByteBuffersInputStream(views));
    }

    /**
     * A file, which must not change until the PUT is over.
     *
     * @throws CairnException {@link ErrorCode#SOURCE_FAILED} if it cannot be read
     */
    static ObjectBody of(Path file) {
        try (InputStream stream = Files.newInputStream(file)) {
            MessageDigest digest = Sha256.newDigest();
            long length =
                    new DigestInputStream(stream, digest)
                            .transferTo(OutputStream.nullOutputStream());
            return of(length, Sha256.of(digest), () -> open(file));
        } catch (IOException e) {
            throw unreadable(file, e);
        }
    }

    /**
     * @param open yields a new stream over the same bytes at each call
     */
    static ObjectBody of(long length, Sha256 sha256, Supplier<InputStream> open) {
        return new ReplayableBody(length, sha256, open);
    }

    private static InputStream open(Path file) {
        try {
            return new BufferedInputStream(Files.newInputStream(file));
        } catch (IOException e) {
            throw unreadable(file, e);
        }
    }

    private static CairnException unreadable(Path file, IOException cause) {
        return new CairnException(
                ErrorCode.SOURCE_FAILED,
                "cannot read " + file,
                "see whether it is there and may be read",
                cause);
    }
}
