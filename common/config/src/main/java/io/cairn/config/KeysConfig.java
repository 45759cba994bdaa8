package io.cairn.config;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * Who can open backups, and how their origin is proven. Each service gets the part that its rights
 * allow.
 *
 * @param recipients PEM certificates that every backup's key is wrapped for
 * @param signer PKCS#12 with the executor's signing key and certificate
 * @param trustAnchor PEM certificate that a signer's certificate must chain to
 * @param identity PKCS#12 with a recipient's private key: the validator's, the operator's
 * @param manifests PKCS#12 that all executors share: backups' manifests, and nothing else, are
 *     stored a second time for it, since an incremental has to send its parent's to the server
 */
public record KeysConfig(
        List<Path> recipients,
        Optional<Pkcs12> signer,
        Optional<Path> trustAnchor,
        Optional<Pkcs12> identity,
        Optional<Pkcs12> manifests) {

    /** Without incremental backups. */
    public KeysConfig(
            List<Path> recipients,
            Optional<Pkcs12> signer,
            Optional<Path> trustAnchor,
            Optional<Pkcs12> identity) {
        this(recipients, signer, trustAnchor, identity, Optional.empty());
    }

    public KeysConfig {
        recipients = List.copyOf(recipients);
    }

    public record Pkcs12(Path file, SecretReference password) {}
}
