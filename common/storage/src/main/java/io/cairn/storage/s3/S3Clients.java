package io.cairn.storage.s3;

import io.cairn.config.SecretReference;
import io.cairn.config.StoreConfig;
import io.cairn.model.error.CairnException;
import io.cairn.model.error.ErrorCode;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.util.Collection;
import java.util.Optional;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.auth.credentials.DefaultCredentialsProvider;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.core.checksums.RequestChecksumCalculation;
import software.amazon.awssdk.core.checksums.ResponseChecksumValidation;
import software.amazon.awssdk.core.client.config.ClientOverrideConfiguration;
import software.amazon.awssdk.http.SdkHttpClient;
import software.amazon.awssdk.http.apache5.Apache5HttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.retries.StandardRetryStrategy;
import software.amazon.awssdk.retries.api.BackoffStrategy;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.S3ClientBuilder;
import software.amazon.awssdk.services.s3.S3Configuration;

/** Builds the SDK's client so that S3 servers other than AWS understand it too. */
final class S3Clients {

    private S3Clients() {}

    static S3Client create(StoreConfig config, S3Settings settings) {
        S3ClientBuilder builder =
                S3Client.builder()
                        .region(Region.of(config.region()))
                        .forcePathStyle(config.pathStyle())
                        .credentialsProvider(credentials(config))
                        .putAuthScheme(new UnsignedBodyAuthScheme())
                        .overrideConfiguration(overrides(settings))
                        // Checksums in trailers and signed chunks are what older and smaller
                        // servers stumble over. The digest
                        // goes into a header instead, see S3ObjectStore.
                        .requestChecksumCalculation(RequestChecksumCalculation.WHEN_REQUIRED)
                        .responseChecksumValidation(ResponseChecksumValidation.WHEN_REQUIRED)
                        .serviceConfiguration(
                                S3Configuration.builder().chunkedEncodingEnabled(false).build())
                        .httpClient(httpClient(config, settings));
        config.endpoint().ifPresent(builder::endpointOverride);
        return builder.build();
    }

    private static ClientOverrideConfiguration overrides(S3Settings settings) {
        return ClientOverrideConfiguration.builder()
                .apiCallAttemptTimeout(settings.attemptTimeout())
                .apiCallTimeout(settings.totalTimeout())
                .addExecutionInterceptor(new ErrorInSuccessInterceptor())
                .retryStrategy(
                        StandardRetryStrategy.builder()
                                .maxAttempts(settings.attempts())
                                .backoffStrategy(backoff(settings))
                                .throttlingBackoffStrategy(backoff(settings))
                                // It would cut the number of tries short after a while, differently
                                // each time.
                                .circuitBreakerEnabled(false)
                                .build())
                .build();
    }

    private static BackoffStrategy backoff(S3Settings settings) {
        return BackoffStrategy.exponentialDelayHalfJitter(
                settings.firstPause(), settings.longestPause());
    }

    private static AwsCredentialsProvider credentials(StoreConfig config) {
        if (config.accessKeyId().isEmpty() && config.secretAccessKey().isEmpty()) {
            return DefaultCredentialsProvider.builder().build();
        }
        return StaticCredentialsProvider.create(
                AwsBasicCredentials.create(
                        reveal(config, config.accessKeyId()),
                        reveal(config, config.secretAccessKey())));
    }

    private static String reveal(StoreConfig config, Optional<SecretReference> reference) {
        return reference
                .orElseThrow(() ->
                        new CairnException(
                                ErrorCode.CONFIG_INVALID,
                                "store '" + config.name() + "' has one half of a credential",
                                "set both accessKeyId and secretAccessKey, or neither"))
                .resolve()
                .reveal();
    }

    private static SdkHttpClient httpClient(StoreConfig config, S3Settings settings) {
        Apache5HttpClient.Builder builder =
                Apache5HttpClient.builder()
                        .maxConnections(settings.connections())
                        .connectionAcquisitionTimeout(settings.totalTimeout())
                        .connectionTimeout(settings.connectTimeout())
                        .socketTimeout(settings.idleTimeout())
                        .tcpKeepAlive(true);
        config.caCertificate()
                .ifPresent(file -> {
                    TrustManager[] trusted = trustManagers(file);
                    builder.tlsTrustManagersProvider(() -> trusted);
                });
        return builder.build();
    }

    /** Trusts the authorities in the file and no others. */
    private static TrustManager[] trustManagers(Path file) {
        try (InputStream pem = Files.newInputStream(file)) {
            Collection<? extends Certificate> certificates =
                    CertificateFactory.getInstance("X.509").generateCertificates(pem);
            KeyStore keys = KeyStore.getInstance("PKCS12");
            keys.load(null, null);
            for (Certificate certificate : certificates) {
                keys.setCertificateEntry("authority-" + keys.size(), certificate);
            }
            if (keys.size() == 0) {
                throw new CairnException(
                        ErrorCode.CERTIFICATE_INVALID,
                        file + " holds no certificate",
                        "name a PEM file with the authority");
            }
            TrustManagerFactory factory =
                    TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            factory.init(keys);
            return factory.getTrustManagers();
        } catch (IOException | GeneralSecurityException e) {
            throw new CairnException(
                    ErrorCode.CERTIFICATE_INVALID,
                    "cannot read the certificate of a storage authority in " + file,
                    "it must be a readable PEM file",
                    e);
        }
    }
}
