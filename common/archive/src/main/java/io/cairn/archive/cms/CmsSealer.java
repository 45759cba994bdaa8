package io.cairn.archive.cms;

import io.cairn.archive.key.BackupKey;
import java.nio.ByteBuffer;
import java.security.SecureRandom;
import javax.crypto.Cipher;
import javax.crypto.SecretKey;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;

/**
 * Encrypts one object after another into a buffer of its own, and makes each a complete CMS message
 * there. The header is written last, into space left in front, when the length is known.
 *
 * <p>Not thread-safe. Memory: the buffer.
 */
public final class CmsSealer {

    /** The most bytes that the CMS structure adds to the content. */
    public static final int MAX_OVERHEAD_BYTES = CmsHeader.MAX_BYTES + CmsHeader.TRAILER_BYTES;

    private static final int CONTENT_KEY_BYTES = 32;

    private final byte[] buffer;
    private final SecureRandom random;
    private @Nullable Envelope open;
    private int end;
    private int length;

    /** The fresh key material of one object. */
    private record Envelope(byte[] keyId, byte[] wrappedKey, byte[] nonce, Cipher cipher) {}

    /**
     * @param objectBytes the longest object, its structure included
     */
    public CmsSealer(int objectBytes, SecureRandom random) {
        if (objectBytes < MAX_OVERHEAD_BYTES) {
            throw new IllegalArgumentException(
                    "an object of " + objectBytes + " bytes has no room for content");
        }
        this.buffer = new byte[objectBytes];
        this.random = random;
    }

    /** Begins an object with a fresh content key and nonce; an unfinished one is forgotten. */
    public void begin(BackupKey key) {
        byte[] contentKey = randomBytes(CONTENT_KEY_BYTES);
        byte[] nonce = randomBytes(CmsHeader.NONCE_BYTES);
        SecretKey secret = new SecretKeySpec(contentKey, "AES");
        open =
                new Envelope(
                        key.idBytes(),
                        key.wrap(secret),
                        nonce,
                        ContentCipher.encrypting(secret, nonce));
        end = CmsHeader.MAX_BYTES;
        length = 0;
    }

    private byte[] randomBytes(int bytes) {
        byte[] result = new byte[bytes];
        random.nextBytes(result);
        return result;
    }

    /** Bytes that may still be appended. */
    public int room() {
        return buffer.length - MAX_OVERHEAD_BYTES - length;
    }

    public void append(byte[] content, int from, int bytes) {
        Cipher cipher = begun().cipher();
        if (bytes > room()) {
            throw new IllegalArgumentException(bytes + " bytes into room for " + room());
        }
        end += ContentCipher.update(cipher, content, from, bytes, buffer, end);
        length += bytes;
    }

    /**
     * Ends the object. The result is a view of this sealer's buffer: it is valid until the next
     * {@link #begin}.
     */
    public ByteBuffer seal() {
        Envelope envelope = begun();
        byte[] rest = ContentCipher.finish(envelope.cipher());
        int content = rest.length - CmsHeader.TAG_BYTES;
        put(rest, 0, content);
        put(CmsHeader.TRAILER_START, 0, CmsHeader.TRAILER_START.length);
        put(rest, content, CmsHeader.TAG_BYTES);
        byte[] header =
                new CmsHeader(envelope.keyId(), envelope.wrappedKey(), envelope.nonce(), length)
                        .encode();
        int start = CmsHeader.MAX_BYTES - header.length;
        System.arraycopy(header, 0, buffer, start, header.length);
        open = null;
        return ByteBuffer.wrap(buffer, start, end - start).slice().asReadOnlyBuffer();
    }

    private void put(byte[] bytes, int from, int count) {
        System.arraycopy(bytes, from, buffer, end, count);
        end += count;
    }

    private Envelope begun() {
        if (open == null) {
            throw new IllegalStateException("no object was begun");
        }
        return open;
    }
}
