package io.cairn.executor.basebackup;

import io.cairn.archive.key.Certificates;
import io.cairn.archive.key.Identity;
import io.cairn.config.KeysConfig;
import io.cairn.config.Secret;
import io.cairn.model.error.CairnException;
import io.cairn.model.error.ErrorCode;
import java.security.cert.X509Certificate;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * The part of the keys that an executor has: who can open what it writes, which it cannot itself,
 * and what it signs with.
 *
 * @param recipients at least one
 * @param manifests what the executors' copy of a manifest is encrypted for and opened with
 * @param trustAnchor what a parent's signature is verified against
 */
public record BackupKeys(
        List<X509Certificate> recipients,
        Identity signer,
        Optional<Identity> manifests,
        Optional<X509Certificate> trustAnchor) {

    public BackupKeys {
        recipients = List.copyOf(recipients);
        if (recipients.isEmpty()) {
            throw new CairnException(
                    ErrorCode.CONFIG_INVALID,
                    "keys.recipients is empty: nobody could open a backup",
                    "name at least one PEM certificate whose private key you keep");
        }
    }

    /** Without incremental backups. */
    BackupKeys(List<X509Certificate> recipients, Identity signer) {
        this(recipients, signer, Optional.empty(), Optional.empty());
    }

    /**
     * @throws CairnException {@link ErrorCode#CONFIG_INVALID}, {@link
     *     ErrorCode#CERTIFICATE_INVALID}, {@link ErrorCode#KEY_INVALID}, {@link
     *     ErrorCode#SECRET_UNAVAILABLE}
     */
    public static BackupKeys read(KeysConfig config) {
        KeysConfig.Pkcs12 signer =
                config.signer()
                        .orElseThrow(() ->
                                new CairnException(
                                        ErrorCode.CONFIG_INVALID,
                                        "keys.signer is missing: an executor signs what it commits",
                                        "name the PKCS#12 file with the signing key and its password's reference"));
        List<X509Certificate> recipients =
                config.recipients().stream().map(Certificates::read).toList();
        return new BackupKeys(
                recipients,
                identity(signer),
                config.manifests().map(BackupKeys::identity),
                config.trustAnchor().map(Certificates::read));
    }

    private static Identity identity(KeysConfig.Pkcs12 signer) {
        Secret password = signer.password().resolve();
        char[] characters = password.chars();
        try {
            return Identity.read(signer.file(), characters);
        } finally {
            Arrays.fill(characters, '\0');
        }
    }
}
