package io.cairn.archive.key;

import io.cairn.model.error.CairnException;
import io.cairn.model.error.ErrorCode;
import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.cert.CertPathBuilder;
import java.security.cert.CertStore;
import java.security.cert.CertificateParsingException;
import java.security.cert.CollectionCertStoreParameters;
import java.security.cert.PKIXBuilderParameters;
import java.security.cert.TrustAnchor;
import java.security.cert.X509CertSelector;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Date;
import java.util.List;
import java.util.Set;
import org.bouncycastle.asn1.ASN1EncodableVector;
import org.bouncycastle.asn1.ASN1Encoding;
import org.bouncycastle.asn1.DERSet;
import org.bouncycastle.asn1.cms.Attribute;
import org.bouncycastle.asn1.cms.AttributeTable;
import org.bouncycastle.asn1.cms.CMSAttributes;
import org.bouncycastle.asn1.cms.Time;
import org.bouncycastle.asn1.nist.NISTObjectIdentifiers;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.cert.X509CertificateHolder;
import org.bouncycastle.cert.jcajce.JcaCertStore;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509CertificateHolder;
import org.bouncycastle.cms.CMSException;
import org.bouncycastle.cms.CMSProcessableByteArray;
import org.bouncycastle.cms.CMSSignedData;
import org.bouncycastle.cms.CMSSignedDataGenerator;
import org.bouncycastle.cms.DefaultSignedAttributeTableGenerator;
import org.bouncycastle.cms.SignerInformation;
import org.bouncycastle.cms.jcajce.JcaSignerInfoGeneratorBuilder;
import org.bouncycastle.cms.jcajce.JcaSimpleSignerInfoVerifierBuilder;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.bouncycastle.operator.jcajce.JcaDigestCalculatorProviderBuilder;
import org.jspecify.annotations.Nullable;

/**
 * The detached CMS signature (RFC 5652, SignedData) over a commit object: SHA-256, one signer, the
 * signer's certificates, the signing time as a signed attribute. Encryption to a public certificate
 * proves nothing about origin; this does.
 *
 * <p>The signer's certificate must be one for signatures, as {@code openssl cms -verify} demands:
 * its key usage, if it states any, includes digital signature or non-repudiation, its extended key
 * usage, if any, e-mail protection. So the key of a recipient, which the same authority may have
 * certified, signs nothing.
 *
 * <p>Certificates are checked for the <em>signing time</em>, not for now: a backup outlives its
 * executor's certificate. The accepted risk: whoever holds an expired signing key can sign with a
 * time of its validity. Revocation is not looked up, since a restore must work with nothing but
 * bucket and keys; to stop trusting a key, change the trust anchor.
 */
public final class CommitSignature {

    /** Positions in {@link X509Certificate#getKeyUsage()} (RFC 5280, section 4.2.1.3). */
    private static final int DIGITAL_SIGNATURE = 0;

    private static final int NON_REPUDIATION = 1;

    private CommitSignature() {}

    /**
     * @param now becomes the signing time; the signer's certificate must be valid then
     * @return the stored object, DER
     * @throws CairnException {@link ErrorCode#CERTIFICATE_INVALID} if the certificate is out of
     *     date or not one for signatures, {@link ErrorCode#KEY_INVALID}
     */
    public static byte[] sign(byte[] commit, Identity signer, Instant now) {
        Certificates.requireValid(signer.certificate(), now);
        if (!isForSignatures(signer.certificate())) {
            throw new CairnException(
                    ErrorCode.CERTIFICATE_INVALID,
                    "the certificate of "
                            + Certificates.name(signer.certificate())
                            + " is not one for signatures",
                    "its key usage must include digitalSignature, its extended key usage, if any, emailProtection");
        }
        String algorithm =
                signer.key().getAlgorithm().equals("RSA") ? "SHA256withRSA" : "SHA256withECDSA";
        try {
            CMSSignedDataGenerator generator = new CMSSignedDataGenerator();
            generator.addSignerInfoGenerator(
                    new JcaSignerInfoGeneratorBuilder(
                                    new JcaDigestCalculatorProviderBuilder()
                                            .setProvider(BouncyCastle.provider())
                                            .build())
                            .setSignedAttributeGenerator(
                                    new DefaultSignedAttributeTableGenerator(signingTime(now)))
                            .build(
                                    new JcaContentSignerBuilder(algorithm)
                                            .setProvider(BouncyCastle.provider())
                                            .build(signer.key()),
                                    signer.certificate()));
            generator.addCertificates(new JcaCertStore(signer.chain()));
            return generator
                    .generate(new CMSProcessableByteArray(commit), false)
                    .toASN1Structure()
                    .getEncoded(ASN1Encoding.DER);
        } catch (CMSException
                | IOException
                | OperatorCreationException
                | GeneralSecurityException e) {
            throw new CairnException(
                    ErrorCode.KEY_INVALID,
                    "the " + signer + " cannot sign",
                    "the signer's PKCS#12 file must hold an RSA or EC (P-256) key",
                    e);
        }
    }

    private static AttributeTable signingTime(Instant now) {
        ASN1EncodableVector attributes = new ASN1EncodableVector();
        attributes.add(
                new Attribute(CMSAttributes.signingTime, new DERSet(new Time(Date.from(now)))));
        return new AttributeTable(attributes);
    }

    /**
     * Checks that {@code signature} was made over exactly {@code commit} by a key whose certificate
     * chains to {@code anchor}.
     *
     * @param name of the signature object, for errors
     * @return the signer's certificate
     * @throws CairnException {@link ErrorCode#SIGNATURE_INVALID} if the signature does not fit the
     *     bytes, {@link ErrorCode#SIGNATURE_UNTRUSTED} if it does, but was not made under the
     *     anchor
     */
    public static X509Certificate verify(
            byte[] commit, byte[] signature, X509Certificate anchor, String name) {
        try {
            CMSSignedData signed =
                    new CMSSignedData(new CMSProcessableByteArray(commit), signature);
            List<X509Certificate> certificates = certificates(signed);
            SignerInformation signer = onlySigner(signed, name);
            X509Certificate certificate =
                    certificates.stream()
                            .filter(candidate -> matches(signer, candidate))
                            .findFirst()
                            .orElseThrow(() -> invalid(name, null));
            verifyBytes(signer, certificate, name);
            requireTrusted(certificate, certificates, anchor, signingTime(signer, name), name);
            return certificate;
        } catch (CMSException | GeneralSecurityException | RuntimeException e) {
            throw e instanceof CairnException known ? known : invalid(name, e);
        }
    }

    private static List<X509Certificate> certificates(CMSSignedData signed)
            throws GeneralSecurityException {
        JcaX509CertificateConverter converter = new JcaX509CertificateConverter();
        List<X509Certificate> certificates = new ArrayList<>();
        for (X509CertificateHolder holder : signed.getCertificates().getMatches(null)) {
            certificates.add(converter.getCertificate(holder));
        }
        return certificates;
    }

    private static SignerInformation onlySigner(CMSSignedData signed, String name) {
        Collection<SignerInformation> signers = signed.getSignerInfos().getSigners();
        SignerInformation signer = signers.size() == 1 ? signers.iterator().next() : null;
        if (signer == null
                || !signer.getDigestAlgOID().equals(NISTObjectIdentifiers.id_sha256.getId())) {
            throw invalid(name, null);
        }
        return signer;
    }

    private static boolean matches(SignerInformation signer, X509Certificate certificate) {
        try {
            return signer.getSID().match(new JcaX509CertificateHolder(certificate));
        } catch (GeneralSecurityException _) {
            return false;
        }
    }

    private static void verifyBytes(
            SignerInformation signer, X509Certificate certificate, String name)
            throws CMSException {
        try {
            // By the public key alone: the certificate's validity is judged below, at the signing
            // time.
            boolean fits =
                    signer.verify(
                            new JcaSimpleSignerInfoVerifierBuilder()
                                    .setProvider(BouncyCastle.provider())
                                    .build(certificate.getPublicKey()));
            if (!fits) {
                throw invalid(name, null);
            }
        } catch (OperatorCreationException e) {
            throw invalid(name, e);
        }
    }

    private static Instant signingTime(SignerInformation signer, String name) {
        AttributeTable attributes = signer.getSignedAttributes();
        Attribute attribute = attributes == null ? null : attributes.get(CMSAttributes.signingTime);
        if (attribute == null || attribute.getAttrValues().size() != 1) {
            throw invalid(name, null);
        }
        return Time.getInstance(attribute.getAttrValues().getObjectAt(0)).getDate().toInstant();
    }

    private static void requireTrusted(
            X509Certificate signer,
            List<X509Certificate> certificates,
            X509Certificate anchor,
            Instant when,
            String name)
            throws GeneralSecurityException {
        if (!isForSignatures(signer)) {
            throw untrusted(signer, anchor, name, null);
        }
        if (signer.equals(anchor)) {
            return;
        }
        X509CertSelector target = new X509CertSelector();
        target.setCertificate(signer);
        PKIXBuilderParameters parameters =
                new PKIXBuilderParameters(Set.of(new TrustAnchor(anchor, null)), target);
        parameters.addCertStore(
                CertStore.getInstance(
                        "Collection", new CollectionCertStoreParameters(certificates)));
        parameters.setRevocationEnabled(false);
        parameters.setDate(Date.from(when));
        try {
            CertPathBuilder.getInstance("PKIX").build(parameters);
        } catch (GeneralSecurityException e) {
            throw untrusted(signer, anchor, name, e);
        }
    }

    private static boolean isForSignatures(X509Certificate certificate) {
        boolean[] usage = certificate.getKeyUsage();
        if (usage != null && !usage[DIGITAL_SIGNATURE] && !usage[NON_REPUDIATION]) {
            return false;
        }
        try {
            List<String> purposes = certificate.getExtendedKeyUsage();
            return purposes == null
                    || purposes.contains(KeyPurposeId.id_kp_emailProtection.getId());
        } catch (CertificateParsingException _) {
            return false;
        }
    }

    private static CairnException untrusted(
            X509Certificate signer,
            X509Certificate anchor,
            String name,
            @Nullable Exception cause) {
        return new CairnException(
                ErrorCode.SIGNATURE_UNTRUSTED,
                name
                        + " was signed by "
                        + Certificates.name(signer)
                        + ", whom the trust anchor "
                        + Certificates.name(anchor)
                        + " does not vouch for as a signer",
                "if this signer is yours, configure its authority as keys.trustAnchor; if not, do not restore",
                cause);
    }

    private static CairnException invalid(String name, @Nullable Exception cause) {
        return new CairnException(
                ErrorCode.SIGNATURE_INVALID,
                name + " is not the signature of this commit object",
                "restore from another copy of this backup, or from another backup; find out who changed it",
                cause);
    }
}
