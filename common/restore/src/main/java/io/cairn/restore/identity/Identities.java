package io.cairn.restore.identity;

import io.cairn.archive.key.Certificates;
import io.cairn.archive.key.Identity;
import io.cairn.config.KeysConfig;
import io.cairn.config.KeysConfig.IdentitySource;
import io.cairn.model.error.CairnException;
import io.cairn.model.error.ErrorCode;
import io.cairn.restore.identity.kms.KmsIdentity;
import java.security.cert.X509Certificate;
import java.util.Arrays;
import java.util.List;

/** Opens the private key that a configuration names. */
public final class Identities {

    private Identities() {}

    /**
     * The identity of {@code keys.identity}.
     *
     * @throws CairnException {@link ErrorCode#CONFIG_INVALID} if none is named, {@link
     *     ErrorCode#KEY_INVALID}, {@link ErrorCode#SECRET_UNAVAILABLE}, {@link
     *     ErrorCode#KMS_UNREACHABLE}, {@link ErrorCode#KMS_ACCESS_DENIED}
     */
    public static Identity open(KeysConfig keys) {
        IdentitySource source =
                keys.identity()
                        .orElseThrow(() ->
                                new CairnException(
                                        ErrorCode.CONFIG_INVALID,
                                        "no identity is configured, so backups cannot be opened",
                                        "name a recipient's PKCS#12 file, or its key in AWS KMS, under keys: identity"));
        return switch (source) {
            case KeysConfig.Pkcs12 file -> read(file);
            case KeysConfig.KmsKey key -> KmsIdentity.open(key, certificates(keys, key));
        };
    }

    private static Identity read(KeysConfig.Pkcs12 file) {
        char[] password = file.password().resolve().chars();
        try {
            return Identity.read(file.file(), password);
        } finally {
            Arrays.fill(password, '\0');
        }
    }

    private static List<X509Certificate> certificates(KeysConfig keys, KeysConfig.KmsKey key) {
        return key.certificate()
                .map(file -> List.of(Certificates.read(file)))
                .orElseGet(() -> keys.recipients().stream().map(Certificates::read).toList());
    }
}
