package io.cairn.archive.key;

import java.security.Provider;
import org.bouncycastle.jce.provider.BouncyCastleProvider;

/**
 * Bouncy Castle as a provider that is asked for, never registered: it must not become anybody's
 * default.
 */
final class BouncyCastle {

    private BouncyCastle() {}

    static Provider provider() {
        return Instance.PROVIDER;
    }

    /** Made at the first use: it takes a tenth of a second. */
    private static final class Instance {
        static final Provider PROVIDER = new BouncyCastleProvider();
    }
}
