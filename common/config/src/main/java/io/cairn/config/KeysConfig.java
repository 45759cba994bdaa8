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
 */
public record KeysConfig(
        List<Path> recipients,
        Optional<Pkcs12> signer,
        Optional<Path> trustAnchor,
        Optional<Pkcs12> identity) {

    public KeysConfig {
        recipients = List.copyOf(recipients);
    }

    public record Pkcs12(Path file, SecretReference password) {}
}
