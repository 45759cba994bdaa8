package io.cairn.archive.key;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.InstanceOfAssertFactories.type;

import io.cairn.model.error.CairnException;
import io.cairn.model.error.ErrorCode;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.bouncycastle.cert.jcajce.JcaCertStore;
import org.bouncycastle.cms.CMSProcessableByteArray;
import org.bouncycastle.cms.CMSSignedDataGenerator;
import org.bouncycastle.cms.jcajce.JcaSignerInfoGeneratorBuilder;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.bouncycastle.operator.jcajce.JcaDigestCalculatorProviderBuilder;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class CommitSignatureTest {

    private static final Instant NOW = Instant.parse("2020-01-01T02:00:00Z");
    private static final Duration YEAR = Duration.ofDays(365);
    private static final byte[] COMMIT = "{\n  \"format\" : 1\n}".getBytes(StandardCharsets.UTF_8);

    private final CertificateAuthority authority =
            CertificateAuthority.create("Test authority", KeyAlgorithm.EC_P256, NOW, YEAR);
    private final Identity signer =
            authority.issueSigner("executor", KeyAlgorithm.EC_P256, NOW, YEAR);

    @ParameterizedTest
    @EnumSource
    void aSignatureUnderTheAnchorIsAccepted(KeyAlgorithm algorithm) {
        CertificateAuthority other =
                CertificateAuthority.create("Test authority", algorithm, NOW, YEAR);
        Identity own = other.issueSigner("executor", algorithm, NOW, YEAR);

        byte[] signature = CommitSignature.sign(COMMIT, own, NOW);

        assertThat(CommitSignature.verify(COMMIT, signature, other.certificate(), "sig"))
                .isEqualTo(own.certificate());
    }

    /** The certificates of this test have been out of date for years. */
    @Test
    void aSignatureOutlivesItsSignersCertificate() {
        byte[] signature = CommitSignature.sign(COMMIT, signer, NOW.plus(YEAR));

        assertThat(CommitSignature.verify(COMMIT, signature, authority.certificate(), "sig"))
                .isNotNull();
    }

    @Test
    void nothingIsSignedWithAnExpiredCertificate() {
        assertFails(
                ErrorCode.CERTIFICATE_INVALID,
                () -> CommitSignature.sign(COMMIT, signer, NOW.plus(YEAR).plusSeconds(1)));
    }

    @Test
    void anIntermediateAuthorityInTheSignatureLeadsToTheAnchor() {
        byte[] signature = CommitSignature.sign(COMMIT, signer, NOW);

        assertThat(signer.chain()).hasSize(2);
        assertThat(CommitSignature.verify(COMMIT, signature, authority.certificate(), "sig"))
                .isNotNull();
    }

    @Test
    void theSignersOwnCertificateMayBeTheAnchor() {
        byte[] signature = CommitSignature.sign(COMMIT, signer, NOW);

        assertThat(CommitSignature.verify(COMMIT, signature, signer.certificate(), "sig"))
                .isEqualTo(signer.certificate());
    }

    @Test
    void anotherAuthorityIsNotTrusted() {
        byte[] signature = CommitSignature.sign(COMMIT, signer, NOW);
        // The same name, another key.
        CertificateAuthority other =
                CertificateAuthority.create("Test authority", KeyAlgorithm.EC_P256, NOW, YEAR);

        assertFails(
                ErrorCode.SIGNATURE_UNTRUSTED,
                () -> CommitSignature.verify(COMMIT, signature, other.certificate(), "backup.sig"));
    }

    @Test
    void aSignerThatNoAuthorityMayVouchForIsNotTrusted() {
        // Issued by a signer, who is no authority.
        Identity pretender =
                CertificateAuthority.of(signer)
                        .issueSigner("pretender", KeyAlgorithm.EC_P256, NOW, YEAR);
        Identity chained =
                new Identity(
                        pretender.key(), List.of(pretender.certificate(), signer.certificate()));
        byte[] signature = CommitSignature.sign(COMMIT, chained, NOW);

        assertFails(
                ErrorCode.SIGNATURE_UNTRUSTED,
                () ->
                        CommitSignature.verify(
                                COMMIT, signature, authority.certificate(), "backup.sig"));
    }

    /** The same authority certifies recipients: who may read backups may not make them. */
    @Test
    void aRecipientSignsNothing() throws Exception {
        for (KeyAlgorithm algorithm : KeyAlgorithm.values()) {
            Identity recipient = authority.issueRecipient("validator", algorithm, NOW, YEAR);

            assertFails(
                    ErrorCode.CERTIFICATE_INVALID,
                    () -> CommitSignature.sign(COMMIT, recipient, NOW));
        }
        Instant now = Instant.now();
        CertificateAuthority current =
                CertificateAuthority.create("Test authority", KeyAlgorithm.EC_P256, now, YEAR);
        Identity recipient = current.issueRecipient("validator", KeyAlgorithm.EC_P256, now, YEAR);
        Identity executor = current.issueSigner("executor", KeyAlgorithm.EC_P256, now, YEAR);
        byte[] forged = signedWithoutQuestions(recipient, "SHA256withECDSA");
        byte[] genuine = signedWithoutQuestions(executor, "SHA256withECDSA");

        assertThat(CommitSignature.verify(COMMIT, genuine, current.certificate(), "sig"))
                .isEqualTo(executor.certificate());
        assertFails(
                ErrorCode.SIGNATURE_UNTRUSTED,
                () -> CommitSignature.verify(COMMIT, forged, current.certificate(), "backup.sig"));
    }

    @Test
    void aSignatureOverAWeakDigestIsNotAccepted() throws Exception {
        byte[] weak = signedWithoutQuestions(signer, "SHA1withECDSA");

        assertFails(
                ErrorCode.SIGNATURE_INVALID,
                () -> CommitSignature.verify(COMMIT, weak, authority.certificate(), "backup.sig"));
    }

    private static byte[] signedWithoutQuestions(Identity signer, String algorithm)
            throws Exception {
        CMSSignedDataGenerator generator = new CMSSignedDataGenerator();
        generator.addSignerInfoGenerator(
                new JcaSignerInfoGeneratorBuilder(new JcaDigestCalculatorProviderBuilder().build())
                        .build(
                                new JcaContentSignerBuilder(algorithm).build(signer.key()),
                                signer.certificate()));
        generator.addCertificates(new JcaCertStore(signer.chain()));
        return generator.generate(new CMSProcessableByteArray(COMMIT), false).getEncoded();
    }

    @Test
    void noChangedByteOfTheCommitObjectIsAccepted() {
        byte[] signature = CommitSignature.sign(COMMIT, signer, NOW);
        for (int at = 0; at < COMMIT.length; at++) {
            byte[] changed = COMMIT.clone();
            changed[at] ^= 1;
            assertFails(
                    ErrorCode.SIGNATURE_INVALID,
                    () ->
                            CommitSignature.verify(
                                    changed, signature, authority.certificate(), "backup.sig"));
        }
    }

    @Test
    void noChangedByteOfTheSignatureMakesAnotherSignerOfIt() {
        byte[] signature = CommitSignature.sign(COMMIT, signer, NOW);
        for (int at = 0; at < signature.length; at += 3) {
            byte[] changed = signature.clone();
            changed[at] ^= 1;
            try {
                assertThat(
                                CommitSignature.verify(
                                                COMMIT, changed, authority.certificate(), "sig")
                                        .getPublicKey())
                        .isEqualTo(signer.certificate().getPublicKey());
            } catch (CairnException e) {
                assertThat(e.code())
                        .isIn(ErrorCode.SIGNATURE_INVALID, ErrorCode.SIGNATURE_UNTRUSTED);
            }
        }
        assertFails(
                ErrorCode.SIGNATURE_INVALID,
                () ->
                        CommitSignature.verify(
                                COMMIT, new byte[0], authority.certificate(), "backup.sig"));
    }

    private static void assertFails(ErrorCode code, ThrowingCallable call) {
        assertThatThrownBy(call)
                .asInstanceOf(type(CairnException.class))
                .satisfies(e -> assertThat(e.code()).isEqualTo(code))
                .satisfies(e -> assertThat(e.hint()).isPresent());
    }
}
