package io.cairn.archive.key;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.InstanceOfAssertFactories.type;

import io.cairn.model.error.CairnException;
import io.cairn.model.error.ErrorCode;
import java.security.KeyPairGenerator;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class WrappedKeyTest {

    private static final Instant NOW = Instant.parse("2026-11-22T02:00:00Z");
    private static final Duration YEAR = Duration.ofDays(365);

    private final CertificateAuthority authority =
            CertificateAuthority.create("Test authority", KeyAlgorithm.EC_P256, NOW, YEAR);
    private final BackupKey key = BackupKey.random(new SecureRandom());

    private Identity recipient(String name, KeyAlgorithm algorithm) {
        return authority.issueRecipient(name, algorithm, NOW, YEAR);
    }

    @ParameterizedTest
    @EnumSource
    void aRecipientUnwrapsTheKey(KeyAlgorithm algorithm) {
        Identity recipient = recipient("validator", algorithm);
        byte[] wrapped = WrappedKey.wrap(key, List.of(recipient.certificate()), NOW);

        BackupKey unwrapped = WrappedKey.unwrap(wrapped, recipient, "key.cms");

        assertThat(unwrapped.id()).isEqualTo(key.id());
        assertThat(unwrapped.bytes()).isEqualTo(key.bytes());
    }

    @Test
    void everyOneOfSeveralRecipientsUnwrapsTheKeyAlone() {
        List<Identity> recipients =
                List.of(
                        recipient("validator", KeyAlgorithm.EC_P256),
                        recipient("operator", KeyAlgorithm.RSA_3072),
                        recipient("escrow", KeyAlgorithm.EC_P256));
        byte[] wrapped =
                WrappedKey.wrap(key, recipients.stream().map(Identity::certificate).toList(), NOW);

        for (Identity recipient : recipients) {
            assertThat(WrappedKey.unwrap(wrapped, recipient, "key.cms").bytes())
                    .isEqualTo(key.bytes());
        }
    }

    @ParameterizedTest
    @EnumSource
    void whoIsNoRecipientIsToldWhoIs(KeyAlgorithm algorithm) {
        Identity recipient = recipient("validator", KeyAlgorithm.EC_P256);
        Identity other = recipient("somebody else", algorithm);
        byte[] wrapped = WrappedKey.wrap(key, List.of(recipient.certificate()), NOW);

        assertFails(
                        ErrorCode.KEY_CANNOT_DECRYPT,
                        () -> WrappedKey.unwrap(wrapped, other, "key.cms"))
                .contains(
                        "key.cms",
                        "somebody else",
                        "Test authority",
                        recipient.certificate().getSerialNumber().toString());
    }

    @Test
    void aRecipientWhoseCertificateHasExpiredStillUnwraps() {
        Identity recipient = recipient("validator", KeyAlgorithm.EC_P256);
        byte[] wrapped = WrappedKey.wrap(key, List.of(recipient.certificate()), NOW.plus(YEAR));

        assertThat(WrappedKey.unwrap(wrapped, recipient, "key.cms").id()).isEqualTo(key.id());
    }

    @Test
    void noKeyIsWrappedForAnExpiredCertificate() {
        X509Certificate certificate = recipient("validator", KeyAlgorithm.EC_P256).certificate();

        assertFails(
                        ErrorCode.CERTIFICATE_INVALID,
                        () ->
                                WrappedKey.wrap(
                                        key, List.of(certificate), NOW.plus(YEAR).plusSeconds(1)))
                .contains("validator", "2027-11-22");
        assertFails(
                ErrorCode.CERTIFICATE_INVALID,
                () -> WrappedKey.wrap(key, List.of(certificate), NOW.minusSeconds(1)));
    }

    @Test
    void noKeyIsWrappedForNobody() {
        assertFails(ErrorCode.CONFIG_INVALID, () -> WrappedKey.wrap(key, List.of(), NOW));
    }

    @Test
    void keysThatCannotEncryptAreRefused() throws Exception {
        KeyPairGenerator small = KeyPairGenerator.getInstance("RSA");
        small.initialize(1024);

        assertFails(
                ErrorCode.CERTIFICATE_INVALID,
                () ->
                        WrappedKey.wrap(
                                key,
                                List.of(
                                        selfSigned(
                                                KeyPairGenerator.getInstance("Ed25519"),
                                                "Ed25519")),
                                NOW));
        assertFails(
                ErrorCode.CERTIFICATE_INVALID,
                () -> WrappedKey.wrap(key, List.of(selfSigned(small, "SHA256withRSA")), NOW));
    }

    @Test
    void noChangedBitIsAccepted() {
        Identity recipient = recipient("validator", KeyAlgorithm.EC_P256);
        byte[] wrapped = WrappedKey.wrap(key, List.of(recipient.certificate()), NOW);

        for (int at = 0; at < wrapped.length; at++) {
            byte[] damaged = wrapped.clone();
            damaged[at] ^= 1;
            try {
                // What names algorithms and versions is not authenticated by itself; the key is
                // right or there is none.
                assertThat(WrappedKey.unwrap(damaged, recipient, "key.cms").bytes())
                        .isEqualTo(key.bytes());
            } catch (CairnException e) {
                assertThat(e.code()).isIn(ErrorCode.ARCHIVE_CORRUPT, ErrorCode.KEY_CANNOT_DECRYPT);
            }
        }
        for (int length = 0; length < wrapped.length; length += 11) {
            byte[] cut = Arrays.copyOf(wrapped, length);
            assertFails(
                    ErrorCode.ARCHIVE_CORRUPT, () -> WrappedKey.unwrap(cut, recipient, "key.cms"));
        }
    }

    private static X509Certificate selfSigned(KeyPairGenerator generator, String signature)
            throws Exception {
        var pair = generator.generateKeyPair();
        X500Name name = new X500Name("CN=odd");
        return new JcaX509CertificateConverter()
                .getCertificate(
                        new JcaX509v3CertificateBuilder(
                                        name,
                                        java.math.BigInteger.ONE,
                                        java.util.Date.from(NOW),
                                        java.util.Date.from(NOW.plus(YEAR)),
                                        name,
                                        pair.getPublic())
                                .build(
                                        new JcaContentSignerBuilder(signature)
                                                .build(pair.getPrivate())));
    }

    private static org.assertj.core.api.AbstractStringAssert<?> assertFails(
            ErrorCode code, ThrowingCallable call) {
        return assertThatThrownBy(call)
                .asInstanceOf(type(CairnException.class))
                .satisfies(e -> assertThat(e.code()).isEqualTo(code))
                .satisfies(e -> assertThat(e.hint()).isPresent())
                .extracting(
                        CairnException::getMessage,
                        org.assertj.core.api.InstanceOfAssertFactories.STRING);
    }
}
