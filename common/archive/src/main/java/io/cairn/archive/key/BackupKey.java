package io.cairn.archive.key;

import java.security.GeneralSecurityException;
import java.security.InvalidKeyException;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.HexFormat;
import javax.crypto.Cipher;
import javax.crypto.SecretKey;
import javax.crypto.spec.SecretKeySpec;
import javax.security.auth.Destroyable;

/**
 * The 256-bit key of one backup. It encrypts nothing but the content keys of the backup's objects
 * (AES key wrap, RFC 3394), and leaves the process only wrapped for recipients ({@link
 * WrappedKey}).
 *
 * <p>Thread-safe. Its bytes show up nowhere; {@link #destroy()} wipes them.
 */
public final class BackupKey implements Destroyable {

    static final int KEY_BYTES = 32;
    private static final int ID_BYTES = 16;
    private static final String KEY_WRAP = "AESWrap";

    private final String id;
    private final byte[] key;
    private volatile boolean destroyed;

    /**
     * @param id 32 lower-case hexadecimal digits
     * @param key is copied
     */
    BackupKey(String id, byte[] key) {
        if (HexFormat.of().parseHex(id).length != ID_BYTES || key.length != KEY_BYTES) {
            throw new IllegalArgumentException("a backup key has 32 bytes and an id of 16");
        }
        this.id = id;
        this.key = key.clone();
    }

    public static BackupKey random(SecureRandom random) {
        byte[] id = new byte[ID_BYTES];
        byte[] key = new byte[KEY_BYTES];
        random.nextBytes(id);
        random.nextBytes(key);
        try {
            return new BackupKey(HexFormat.of().formatHex(id), key);
        } finally {
            Arrays.fill(key, (byte) 0);
        }
    }

    /** Its public name, in every object it encrypts: 16 random bytes in hexadecimal. */
    public String id() {
        return id;
    }

    /** {@link #id()} as the bytes of the CMS key identifier. */
    public byte[] idBytes() {
        return HexFormat.of().parseHex(id);
    }

    /** Wraps an object's content key: 40 bytes for 32. */
    public byte[] wrap(SecretKey contentKey) {
        try {
            Cipher cipher = Cipher.getInstance(KEY_WRAP);
            cipher.init(Cipher.WRAP_MODE, secret());
            return cipher.wrap(contentKey);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every JDK has AES key wrap", e);
        }
    }

    /**
     * @throws InvalidKeyException if the wrapped key was not made with this key, or was changed
     */
    public SecretKey unwrap(byte[] wrapped) throws InvalidKeyException {
        try {
            Cipher cipher = Cipher.getInstance(KEY_WRAP);
            cipher.init(Cipher.UNWRAP_MODE, secret());
            return (SecretKey) cipher.unwrap(wrapped, "AES", Cipher.SECRET_KEY);
        } catch (InvalidKeyException e) {
            throw e;
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every JDK has AES key wrap", e);
        }
    }

    /** Whether it is the same key by the same name, compared in constant time. */
    public boolean isSameAs(BackupKey other) {
        requireAlive();
        other.requireAlive();
        return id.equals(other.id) && MessageDigest.isEqual(key, other.key);
    }

    /** The bytes, for {@link WrappedKey}; the caller wipes them. */
    byte[] bytes() {
        requireAlive();
        return key.clone();
    }

    private SecretKeySpec secret() {
        requireAlive();
        return new SecretKeySpec(key, "AES");
    }

    private void requireAlive() {
        if (destroyed) {
            throw new IllegalStateException("backup key " + id + " is destroyed");
        }
    }

    @Override
    public void destroy() {
        destroyed = true;
        Arrays.fill(key, (byte) 0);
    }

    @Override
    public boolean isDestroyed() {
        return destroyed;
    }

    @Override
    public String toString() {
        return "backup key " + id;
    }
}
