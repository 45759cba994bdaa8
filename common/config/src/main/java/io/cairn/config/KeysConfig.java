package io.cairn.config;

import java.net.URI;
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
 * @param identity where a recipient's private key is: the validator's, the operator's
 * @param manifests PKCS#12 that all executors share: backups' manifests, and nothing else, are
 *     stored a second time for it, since an incremental has to send its parent's to the server
 */
public record KeysConfig(
        List<Path> recipients,
        Optional<Pkcs12> signer,
        Optional<Path> trustAnchor,
        Optional<IdentitySource> identity,
        Optional<Pkcs12> manifests) {

    /** Without incremental backups. */
    public KeysConfig(
            List<Path> recipients,
            Optional<Pkcs12> signer,
            Optional<Path> trustAnchor,
            Optional<IdentitySource> identity) {
        this(recipients, signer, trustAnchor, identity, Optional.empty());
    }

    public KeysConfig {
        recipients = List.copyOf(recipients);
    }

    /** Where a recipient's private key is. */
    public sealed interface IdentitySource {}

    public record Pkcs12(Path file, SecretReference password) implements IdentitySource {}

    /**
     * An RSA key in AWS KMS, which never leaves it.
     *
     * @param keyId id, alias or ARN
     * @param region of the key
     * @param endpoint absent for AWS itself
     * @param certificate PEM of the recipient whose public key it is; absent if that is among
     *     {@link KeysConfig#recipients}
     * @param accessKeyId absent, as the next, for the AWS SDK's own credential chain
     */
    public record KmsKey(
            String keyId,
            String region,
            Optional<URI> endpoint,
            Optional<Path> certificate,
            Optional<SecretReference> accessKeyId,
            Optional<SecretReference> secretAccessKey)
            implements IdentitySource {}
}
