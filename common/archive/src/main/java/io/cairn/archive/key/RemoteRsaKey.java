package io.cairn.archive.key;

import io.cairn.model.error.CairnException;
import java.security.PrivateKey;
import org.jspecify.annotations.Nullable;

/**
 * An RSA private key that stays where it is, in a key management service or a hardware module, and
 * decrypts there. It unwraps keys as any other recipient's does; it signs nothing. Implementations
 * are thread-safe.
 */
public interface RemoteRsaKey extends PrivateKey {

    /**
     * Decrypts by RSAES-OAEP with SHA-256, MGF1 with SHA-256 and an empty label (RFC 8017, section
     * 7.1.2), which is how keys are wrapped.
     *
     * @param encrypted as long as the modulus
     * @throws CairnException if the service cannot be used, or says that it is not encrypted for
     *     this key
     */
    byte[] decryptOaepSha256(byte[] encrypted);

    @Override
    default String getAlgorithm() {
        return "RSA";
    }

    /** None: the key has no encoding here. */
    @Override
    default @Nullable String getFormat() {
        return null;
    }

    @Override
    default byte @Nullable [] getEncoded() {
        return null;
    }
}
