package io.cairn.restore.identity.kms;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.cairn.archive.key.BackupKey;
import io.cairn.archive.key.CertificateAuthority;
import io.cairn.archive.key.Identity;
import io.cairn.archive.key.KeyAlgorithm;
import io.cairn.archive.key.WrappedKey;
import io.cairn.config.KeysConfig.KmsKey;
import io.cairn.config.SecretReference;
import io.cairn.model.error.CairnException;
import io.cairn.model.error.ErrorCategory;
import io.cairn.model.error.ErrorCode;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class KmsIdentityTest {

    private static final Instant NOW = Instant.now();
    private static final Duration YEAR = Duration.ofDays(365);
    private static final CertificateAuthority AUTHORITY =
            CertificateAuthority.create("authority", KeyAlgorithm.EC_P256, NOW, YEAR);
    private static final Identity IN_KMS =
            AUTHORITY.issueRecipient("in kms", KeyAlgorithm.RSA_3072, NOW, YEAR);
    private static final Identity OTHER =
            AUTHORITY.issueRecipient("other", KeyAlgorithm.EC_P256, NOW, YEAR);
    private static final String SECRET = "thisIsTheSecretAccessKey";
    private static final KmsSettings QUICK =
            new KmsSettings(
                    3,
                    Duration.ofMillis(1),
                    Duration.ofMillis(2),
                    Duration.ofSeconds(5),
                    Duration.ofSeconds(20));

    @TempDir private Path folder = Path.of("");

    private FakeKms kms = new FakeKms(IN_KMS.certificate().getPublicKey(), IN_KMS.key());
    private final BackupKey key = BackupKey.random(new SecureRandom());

    @BeforeEach
    void credentials() throws IOException {
        Files.writeString(folder.resolve("id"), "AKIDEXAMPLE");
        Files.writeString(folder.resolve("secret"), SECRET);
    }

    @AfterEach
    void stop() {
        kms.close();
    }

    @Test
    void aKeyInKmsOpensWhatIsWrappedForItsCertificate() {
        byte[] wrapped = wrap(OTHER.certificate(), IN_KMS.certificate());

        Identity identity = open("alias/backups");
        BackupKey opened = WrappedKey.unwrap(wrapped, identity, "key.cms");

        assertThat(opened.isSameAs(key)).isTrue();
        assertThat(identity.certificate()).isEqualTo(IN_KMS.certificate());
        assertThat(kms.asked())
                .extracting(FakeKms.Asked::action)
                .containsExactly("GetPublicKey", "Decrypt");
        assertThat(kms.asked())
                .allSatisfy(request ->
                        assertThat(request.authorization())
                                .startsWith("AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/")
                                .contains("/eu-central-1/kms/aws4_request")
                                .doesNotContain(SECRET));
        // Not by the alias, which may lead to another key by then.
        assertThat(kms.asked().getLast().body().get("KeyId")).isEqualTo(FakeKms.ARN);
    }

    @Test
    void aKeyThatIsNoneOfTheCertificatesIsRefused() {
        CairnException refused =
                fails(() ->
                        KmsIdentity.open(config(FakeKms.ARN), List.of(OTHER.certificate()), QUICK));

        assertThat(refused.code()).isEqualTo(ErrorCode.KEY_INVALID);
        assertThat(refused).hasMessageContainingAll(FakeKms.ARN, "CN=other");
        assertThat(refused.hint().orElseThrow()).contains("keys.identity.kms");
    }

    @Test
    void aKeyThatDecryptsOtherwiseIsRefused() {
        kms.offers("RSAES_OAEP_SHA_1");

        assertThat(fails(() -> open(FakeKms.ARN)).code()).isEqualTo(ErrorCode.KEY_INVALID);
    }

    @Test
    void aKeyThatIsNotThereIsSaid() {
        CairnException missing = fails(() -> open("alias/none"));

        assertThat(missing.code()).isEqualTo(ErrorCode.KEY_INVALID);
        assertThat(missing).hasMessageContaining("there is no AWS KMS key alias/none");
    }

    @ParameterizedTest
    @CsvSource({
        "400, AccessDeniedException, KMS_ACCESS_DENIED",
        "400, UnrecognizedClientException, KMS_ACCESS_DENIED",
        "400, ExpiredTokenException, KMS_ACCESS_DENIED",
        "400, DisabledException, KEY_INVALID",
        "400, KMSInvalidStateException, KEY_INVALID",
        "400, ThrottlingException, KMS_UNREACHABLE",
        "500, KMSInternalException, KMS_UNREACHABLE",
        "500, KeyUnavailableException, KMS_UNREACHABLE"
    })
    void whatKmsRefusesIsSaidWithAHintAndWithoutASecret(
            int status, String code, ErrorCode expected) {
        kms.fail(9, status, code);
        CairnException atStart = fails(() -> open(FakeKms.ARN));
        kms.close();
        kms = new FakeKms(IN_KMS.certificate().getPublicKey(), IN_KMS.key());
        Identity identity = open(FakeKms.ARN);
        byte[] wrapped = wrap(IN_KMS.certificate());
        kms.fail(9, status, code);

        CairnException later = fails(() -> WrappedKey.unwrap(wrapped, identity, "key.cms"));

        for (CairnException error : List.of(atStart, later)) {
            assertThat(error.code()).isEqualTo(expected);
            assertThat(error).hasMessageContaining(FakeKms.ARN);
            assertThat(error.hint()).isPresent();
            assertThat(everything(error)).doesNotContain(SECRET);
        }
    }

    @Test
    void aThrottledRequestIsRepeated() {
        kms.fail(2, 400, "ThrottlingException");
        Identity identity = open(FakeKms.ARN);
        kms.fail(2, 400, "ThrottlingException");

        assertThat(WrappedKey.unwrap(wrap(IN_KMS.certificate()), identity, "key.cms").id())
                .isEqualTo(key.id());
        assertThat(kms.asked()).hasSize(6);
    }

    @Test
    void aWrapThatWasChangedIsCorruptAndNotAskedTwice() {
        Identity identity = open(FakeKms.ARN);
        byte[] wrapped = wrap(IN_KMS.certificate());
        // Within the encrypted content key: RSA-3072 takes 384 bytes of it.
        wrapped[wrapped.length - 350] ^= 1;

        CairnException corrupt = fails(() -> WrappedKey.unwrap(wrapped, identity, "key.cms"));

        assertThat(corrupt.code()).isEqualTo(ErrorCode.ARCHIVE_CORRUPT);
        assertThat(kms.asked()).hasSize(2);
    }

    @Test
    void aKmsThatDoesNotAnswerMayAnswerLater() {
        URI nowhere = kms.endpoint();
        kms.close();
        KmsKey config =
                new KmsKey(
                        FakeKms.ARN,
                        "eu-central-1",
                        Optional.of(nowhere),
                        Optional.empty(),
                        secret("id"),
                        secret("secret"));

        CairnException error =
                fails(() -> KmsIdentity.open(config, List.of(IN_KMS.certificate()), QUICK));

        assertThat(error.code()).isEqualTo(ErrorCode.KMS_UNREACHABLE);
        assertThat(error.category()).isEqualTo(ErrorCategory.TRANSIENT);
        assertThat(error).hasMessageContaining(nowhere.toString());
    }

    private Identity open(String keyId) {
        return KmsIdentity.open(
                config(keyId), List.of(OTHER.certificate(), IN_KMS.certificate()), QUICK);
    }

    private KmsKey config(String keyId) {
        return new KmsKey(
                keyId,
                "eu-central-1",
                Optional.of(kms.endpoint()),
                Optional.empty(),
                secret("id"),
                secret("secret"));
    }

    private Optional<SecretReference> secret(String file) {
        return Optional.of(new SecretReference("file:" + folder.resolve(file)));
    }

    private byte[] wrap(X509Certificate... recipients) {
        return WrappedKey.wrap(key, List.of(recipients), NOW);
    }

    private static String everything(Throwable error) {
        StringWriter text = new StringWriter();
        error.printStackTrace(new PrintWriter(text));
        return text.toString();
    }

    private static CairnException fails(ThrowingCallable call) {
        return catchThrowableOfType(CairnException.class, call);
    }
}
