package io.cairn.archive.cms;

import io.cairn.archive.key.BackupKey;
import io.cairn.model.error.CairnException;
import io.cairn.model.error.ErrorCode;
import java.nio.ByteBuffer;
import java.security.SecureRandom;
import java.util.zip.CRC32C;
import java.util.zip.Checksum;
import javax.crypto.Cipher;
import javax.crypto.SecretKey;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;

/**
 * Encrypts one object after another into a buffer of its own, and makes each a complete CMS message
 * there. The header is written last, into space left in front, when the length is known.
 *
 * <p>Nothing leaves it that does not open again: each object is decrypted by its key, and its
 * content compared, before it is given out. What a processor, memory or a JDK gets wrong (<a
 * href="https://bugs.openjdk.org/browse/JDK-8371864">JDK-8371864</a> is an example) would otherwise
 * be found by a restore.
 *
 * <p>Not thread-safe. Memory: the buffer.
 */
public final class CmsSealer {

    /** The most bytes that the CMS structure adds to the content. */
    public static final int MAX_OVERHEAD_BYTES = CmsHeader.MAX_BYTES + CmsHeader.TRAILER_BYTES;

    private static final int CONTENT_KEY_BYTES = 32;

    private final byte[] buffer;
    private final SecureRandom random;
    private final Checksum appended = new CRC32C();
    private @Nullable Envelope open;
    private int end;
    private int length;

    /** The fresh key material of one object. */
    private record Envelope(BackupKey key, byte[] wrappedKey, byte[] nonce, Cipher cipher) {}

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
        open = new Envelope(key, key.wrap(secret), nonce, ContentCipher.encrypting(secret, nonce));
        end = CmsHeader.MAX_BYTES;
        length = 0;
        appended.reset();
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
        appended.update(content, from, bytes);
    }

    /**
     * Ends the object. The result is a view of this sealer's buffer: it is valid until the next
     * {@link #begin}.
     *
     * @throws CairnException {@link ErrorCode#ENCRYPTION_FAILED} if it does not open again
     */
    public ByteBuffer seal() {
        Envelope envelope = begun();
        byte[] rest = ContentCipher.finish(envelope.cipher());
        int content = rest.length - CmsHeader.TAG_BYTES;
        put(rest, 0, content);
        put(CmsHeader.TRAILER_START, 0, CmsHeader.TRAILER_START.length);
        put(rest, content, CmsHeader.TAG_BYTES);
        byte[] header =
                new CmsHeader(
                                envelope.key().idBytes(),
                                envelope.wrappedKey(),
                                envelope.nonce(),
                                length)
                        .encode();
        int start = CmsHeader.MAX_BYTES - header.length;
        System.arraycopy(header, 0, buffer, start, header.length);
        open = null;
        requireOpens(envelope.key(), buffer, start, end, appended.getValue());
        return ByteBuffer.wrap(buffer, start, end - start).slice().asReadOnlyBuffer();
    }

    /**
     * @param content CRC-32C of what must be in the object in {@code bytes[from .. to)}
     */
    static void requireOpens(BackupKey key, byte[] bytes, int from, int to, long content) {
        Checksum opened = new CRC32C();
        try {
            CmsOpener.open(key, bytes, from, to, "the object", opened);
        } catch (CairnException e) {
            throw failed(to - from, e);
        }
        if (opened.getValue() != content) {
            throw failed(to - from, null);
        }
    }

    private static CairnException failed(int bytes, @Nullable CairnException cause) {
        return new CairnException(
                ErrorCode.ENCRYPTION_FAILED,
                "an object of " + bytes + " bytes does not open again after its encryption",
                "it was not stored and is tried again; if this comes back, suspect the machine's"
                        + " memory, or a JDK older than 25.0.2 (JDK-8371864)",
                cause);
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
