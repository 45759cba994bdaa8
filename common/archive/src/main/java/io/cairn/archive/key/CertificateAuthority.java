package io.cairn.archive.key;

import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.List;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x500.X500NameBuilder;
import org.bouncycastle.asn1.x500.style.BCStyle;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.cert.CertIOException;
import org.bouncycastle.cert.X509v3CertificateBuilder;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509ExtensionUtils;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/**
 * A certificate authority of one's own, for the keys of backups: it issues the certificates of
 * recipients and signers, and its own certificate is the trust anchor. Enough where there is no
 * other authority; one that exists serves as well.
 */
public final class CertificateAuthority {

    private static final int SERIAL_BITS = 127;

    private final Identity identity;
    private final SecureRandom random = new SecureRandom();

    private CertificateAuthority(Identity identity) {
        this.identity = identity;
    }

    /** The authority whose key and certificate these are. */
    public static CertificateAuthority of(Identity identity) {
        return new CertificateAuthority(identity);
    }

    /** A new authority with a self-signed certificate, valid from {@code now}. */
    public static CertificateAuthority create(
            String commonName, KeyAlgorithm algorithm, Instant now, Duration validity) {
        SecureRandom random = new SecureRandom();
        KeyPair pair = keyPair(algorithm, random);
        X500Name name = name(commonName);
        JcaX509v3CertificateBuilder builder =
                new JcaX509v3CertificateBuilder(
                        name,
                        new BigInteger(SERIAL_BITS, random),
                        Date.from(now),
                        Date.from(now.plus(validity)),
                        name,
                        pair.getPublic());
        try {
            JcaX509ExtensionUtils extensions = new JcaX509ExtensionUtils();
            builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(true));
            builder.addExtension(
                    Extension.keyUsage,
                    true,
                    new KeyUsage(KeyUsage.keyCertSign | KeyUsage.cRLSign));
            builder.addExtension(
                    Extension.subjectKeyIdentifier,
                    false,
                    extensions.createSubjectKeyIdentifier(pair.getPublic()));
        } catch (GeneralSecurityException | CertIOException e) {
            throw new IllegalStateException("standard extensions of a key that was just made", e);
        }
        return new CertificateAuthority(
                new Identity(pair.getPrivate(), List.of(sign(builder, pair))));
    }

    /** The trust anchor. */
    public X509Certificate certificate() {
        return identity.certificate();
    }

    /** Its own key and certificate, to be kept where no service can read them. */
    public Identity identity() {
        return identity;
    }

    /** A new identity that backup keys can be wrapped for. */
    public Identity issueRecipient(
            String commonName, KeyAlgorithm algorithm, Instant now, Duration validity) {
        int usage =
                switch (algorithm) {
                    case RSA_3072 -> KeyUsage.keyEncipherment;
                    case EC_P256 -> KeyUsage.keyAgreement;
                };
        return issue(commonName, algorithm, usage, now, validity);
    }

    /** A new identity that signs commit objects. */
    public Identity issueSigner(
            String commonName, KeyAlgorithm algorithm, Instant now, Duration validity) {
        return issue(commonName, algorithm, KeyUsage.digitalSignature, now, validity);
    }

    private Identity issue(
            String commonName, KeyAlgorithm algorithm, int usage, Instant now, Duration validity) {
        KeyPair pair = keyPair(algorithm, random);
        X509v3CertificateBuilder builder =
                new JcaX509v3CertificateBuilder(
                        certificate(),
                        new BigInteger(SERIAL_BITS, random),
                        Date.from(now),
                        Date.from(now.plus(validity)),
                        name(commonName),
                        pair.getPublic());
        try {
            JcaX509ExtensionUtils extensions = new JcaX509ExtensionUtils();
            builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(false));
            builder.addExtension(Extension.keyUsage, true, new KeyUsage(usage));
            builder.addExtension(
                    Extension.subjectKeyIdentifier,
                    false,
                    extensions.createSubjectKeyIdentifier(pair.getPublic()));
            builder.addExtension(
                    Extension.authorityKeyIdentifier,
                    false,
                    extensions.createAuthorityKeyIdentifier(certificate()));
        } catch (GeneralSecurityException | CertIOException e) {
            throw new IllegalStateException("standard extensions of a key that was just made", e);
        }
        KeyPair own = new KeyPair(certificate().getPublicKey(), identity.key());
        return new Identity(pair.getPrivate(), List.of(sign(builder, own), certificate()));
    }

    private static X509Certificate sign(X509v3CertificateBuilder builder, KeyPair issuer) {
        String algorithm =
                issuer.getPrivate().getAlgorithm().equals("RSA")
                        ? "SHA256withRSA"
                        : "SHA256withECDSA";
        try {
            return new JcaX509CertificateConverter()
                    .getCertificate(
                            builder.build(
                                    new JcaContentSignerBuilder(algorithm)
                                            .build(issuer.getPrivate())));
        } catch (OperatorCreationException | GeneralSecurityException e) {
            throw new IllegalStateException("every JDK signs with RSA and EC", e);
        }
    }

    private static KeyPair keyPair(KeyAlgorithm algorithm, SecureRandom random) {
        try {
            return switch (algorithm) {
                case RSA_3072 -> {
                    KeyPairGenerator pairs = KeyPairGenerator.getInstance("RSA");
                    pairs.initialize(3072, random);
                    yield pairs.generateKeyPair();
                }
                case EC_P256 -> {
                    KeyPairGenerator pairs = KeyPairGenerator.getInstance("EC");
                    pairs.initialize(new ECGenParameterSpec("secp256r1"), random);
                    yield pairs.generateKeyPair();
                }
            };
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every JDK makes RSA and EC keys", e);
        }
    }

    private static X500Name name(String commonName) {
        return new X500NameBuilder(BCStyle.INSTANCE).addRDN(BCStyle.CN, commonName).build();
    }
}
