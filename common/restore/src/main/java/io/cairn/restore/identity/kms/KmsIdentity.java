package io.cairn.restore.identity.kms;

import io.cairn.archive.key.Identity;
import io.cairn.archive.key.RemoteRsaKey;
import io.cairn.config.KeysConfig.KmsKey;
import io.cairn.config.SecretReference;
import io.cairn.model.error.CairnException;
import io.cairn.model.error.ErrorCode;
import java.security.cert.X509Certificate;
import java.util.Arrays;
import java.util.List;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.auth.credentials.DefaultCredentialsProvider;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.core.SdkBytes;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.http.apache5.Apache5HttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.retries.StandardRetryStrategy;
import software.amazon.awssdk.retries.api.BackoffStrategy;
import software.amazon.awssdk.services.kms.KmsClient;
import software.amazon.awssdk.services.kms.KmsClientBuilder;
import software.amazon.awssdk.services.kms.model.EncryptionAlgorithmSpec;
import software.amazon.awssdk.services.kms.model.GetPublicKeyResponse;

/**
 * A recipient whose RSA key is in AWS KMS (AWS KMS API reference, GetPublicKey and Decrypt with
 * RSAES_OAEP_SHA_256). What a wrapped key is encrypted with goes there and comes back decrypted,
 * over TLS; the private key stays. Opening a backup takes one request.
 */
public final class KmsIdentity {

    private static final EncryptionAlgorithmSpec OAEP_SHA_256 =
            EncryptionAlgorithmSpec.RSAES_OAEP_SHA_256;

    private KmsIdentity() {}

    /**
     * Looks the key up. The connection stays open as long as the process.
     *
     * @param certificates among which is the one of this key
     * @throws CairnException {@link ErrorCode#KEY_INVALID} if the key is not there, cannot decrypt,
     *     or is none of the certificates'; {@link ErrorCode#KMS_UNREACHABLE}, {@link
     *     ErrorCode#KMS_ACCESS_DENIED}
     */
    public static Identity open(KmsKey key, List<X509Certificate> certificates) {
        return open(key, certificates, KmsSettings.DEFAULTS);
    }

    static Identity open(KmsKey key, List<X509Certificate> certificates, KmsSettings settings) {
        KmsErrors errors = new KmsErrors(key);
        KmsClient client = client(key, settings);
        try {
            GetPublicKeyResponse found = client.getPublicKey(request -> request.keyId(key.keyId()));
            if (!found.encryptionAlgorithms().contains(OAEP_SHA_256)) {
                throw errors.cannotDecrypt();
            }
            byte[] publicKey = found.publicKey().asByteArray();
            X509Certificate own =
                    certificates.stream()
                            .filter(certificate ->
                                    Arrays.equals(
                                            certificate.getPublicKey().getEncoded(), publicKey))
                            .findFirst()
                            .orElseThrow(() -> errors.noneOf(certificates));
            // By its ARN: an alias may be moved to another key meanwhile.
            return new Identity(new Key(client, errors, found.keyId()), List.of(own));
        } catch (SdkException e) {
            client.close();
            throw errors.translate(e, "looking up");
        } catch (CairnException e) {
            client.close();
            throw e;
        }
    }

    private static KmsClient client(KmsKey key, KmsSettings settings) {
        KmsClientBuilder builder =
                KmsClient.builder()
                        .region(Region.of(key.region()))
                        .credentialsProvider(credentials(key))
                        .overrideConfiguration(limits ->
                                limits.apiCallAttemptTimeout(settings.attemptTimeout())
                                        .apiCallTimeout(settings.totalTimeout())
                                        .retryStrategy(retries(settings)))
                        .httpClientBuilder(
                                Apache5HttpClient.builder()
                                        .connectionTimeout(settings.attemptTimeout())
                                        .socketTimeout(settings.attemptTimeout()));
        key.endpoint().ifPresent(builder::endpointOverride);
        return builder.build();
    }

    private static StandardRetryStrategy retries(KmsSettings settings) {
        BackoffStrategy pauses =
                BackoffStrategy.exponentialDelayHalfJitter(
                        settings.firstPause(), settings.longestPause());
        return StandardRetryStrategy.builder()
                .maxAttempts(settings.attempts())
                .backoffStrategy(pauses)
                .throttlingBackoffStrategy(pauses)
                .circuitBreakerEnabled(false)
                .build();
    }

    private static AwsCredentialsProvider credentials(KmsKey key) {
        return key.accessKeyId()
                .<AwsCredentialsProvider>map(id ->
                        StaticCredentialsProvider.create(
                                AwsBasicCredentials.create(
                                        id.resolve().reveal(),
                                        key.secretAccessKey()
                                                .map(SecretReference::resolve)
                                                .orElseThrow()
                                                .reveal())))
                .orElseGet(() -> DefaultCredentialsProvider.builder().build());
    }

    /** The private key, by its name. */
    private static final class Key implements RemoteRsaKey {

        private final transient KmsClient client;
        private final transient KmsErrors errors;
        private final String arn;

        Key(KmsClient client, KmsErrors errors, String arn) {
            this.client = client;
            this.errors = errors;
            this.arn = arn;
        }

        @Override
        public byte[] decryptOaepSha256(byte[] encrypted) {
            try {
                return client.decrypt(request ->
                                request.keyId(arn)
                                        .encryptionAlgorithm(OAEP_SHA_256)
                                        .ciphertextBlob(SdkBytes.fromByteArray(encrypted)))
                        .plaintext()
                        .asByteArray();
            } catch (SdkException e) {
                throw errors.translate(e, "decrypting with");
            }
        }

        @Override
        public String toString() {
            return "AWS KMS key " + arn;
        }
    }
}
