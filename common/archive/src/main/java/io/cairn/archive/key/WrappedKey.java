package io.cairn.archive.key;

import io.cairn.model.error.CairnException;
import io.cairn.model.error.ErrorCode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.security.interfaces.ECPublicKey;
import java.security.interfaces.RSAPublicKey;
import java.time.Instant;
import java.util.Arrays;
import java.util.Collection;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.bouncycastle.asn1.ASN1Encoding;
import org.bouncycastle.asn1.DERNull;
import org.bouncycastle.asn1.nist.NISTObjectIdentifiers;
import org.bouncycastle.asn1.pkcs.PKCSObjectIdentifiers;
import org.bouncycastle.asn1.pkcs.RSAESOAEPparams;
import org.bouncycastle.asn1.x509.AlgorithmIdentifier;
import org.bouncycastle.cms.CMSAlgorithm;
import org.bouncycastle.cms.CMSAuthEnvelopedData;
import org.bouncycastle.cms.CMSAuthEnvelopedDataGenerator;
import org.bouncycastle.cms.CMSException;
import org.bouncycastle.cms.CMSProcessableByteArray;
import org.bouncycastle.cms.KeyAgreeRecipientId;
import org.bouncycastle.cms.KeyTransRecipientId;
import org.bouncycastle.cms.Recipient;
import org.bouncycastle.cms.RecipientId;
import org.bouncycastle.cms.RecipientInfoGenerator;
import org.bouncycastle.cms.RecipientInformation;
import org.bouncycastle.cms.RecipientInformationStore;
import org.bouncycastle.cms.jcajce.JceCMSContentEncryptorBuilder;
import org.bouncycastle.cms.jcajce.JceKeyAgreeAuthEnvelopedRecipient;
import org.bouncycastle.cms.jcajce.JceKeyAgreeRecipientId;
import org.bouncycastle.cms.jcajce.JceKeyAgreeRecipientInfoGenerator;
import org.bouncycastle.cms.jcajce.JceKeyTransAuthEnvelopedRecipient;
import org.bouncycastle.cms.jcajce.JceKeyTransRecipientId;
import org.bouncycastle.cms.jcajce.JceKeyTransRecipientInfoGenerator;
import org.bouncycastle.operator.OutputAEADEncryptor;

/**
 * A backup's key, encrypted for its recipients: CMS AuthEnvelopedData with AES-256-GCM, one
 * recipient for each certificate (RSA: RSAES-OAEP with SHA-256, RFC 4055; EC: ephemeral-static ECDH
 * with the X9.63 KDF over SHA-256 and AES-256 key wrap, RFC 5753). The content is text, so that a
 * shell can use what {@code openssl cms -decrypt} prints:
 *
 * <pre>
 * cairn backup key 1
 * id &lt;32 hexadecimal digits&gt;
 * key &lt;64 hexadecimal digits&gt;
 * </pre>
 */
public final class WrappedKey {

    private static final Pattern CONTENT =
            Pattern.compile("cairn backup key 1\nid ([0-9a-f]{32})\nkey ([0-9a-f]{64})\n");
    private static final int MIN_RSA_BITS = 2048;
    private static final AlgorithmIdentifier SHA256 =
            new AlgorithmIdentifier(NISTObjectIdentifiers.id_sha256, DERNull.INSTANCE);
    private static final AlgorithmIdentifier OAEP_SHA256 =
            new AlgorithmIdentifier(
                    PKCSObjectIdentifiers.id_RSAES_OAEP,
                    new RSAESOAEPparams(
                            SHA256,
                            new AlgorithmIdentifier(PKCSObjectIdentifiers.id_mgf1, SHA256),
                            RSAESOAEPparams.DEFAULT_P_SOURCE_ALGORITHM));

    private WrappedKey() {}

    /**
     * Encrypts {@code key} so that each of {@code recipients} can open it alone.
     *
     * @param now when it is; no recipient's certificate may have expired
     * @return the stored object, DER
     * @throws CairnException {@link ErrorCode#CERTIFICATE_INVALID} if a certificate is expired, or
     *     its key neither RSA of at least 2048 bits nor EC; {@link ErrorCode#CONFIG_INVALID} if
     *     there is no recipient
     */
    public static byte[] wrap(BackupKey key, Collection<X509Certificate> recipients, Instant now) {
        if (recipients.isEmpty()) {
            throw new CairnException(
                    ErrorCode.CONFIG_INVALID,
                    "there is no recipient to encrypt backups for",
                    "name at least one certificate under keys.recipients");
        }
        byte[] content = content(key);
        try {
            CMSAuthEnvelopedDataGenerator generator = new CMSAuthEnvelopedDataGenerator();
            for (X509Certificate recipient : recipients) {
                Certificates.requireValid(recipient, now);
                generator.addRecipientInfoGenerator(recipientInfo(recipient));
            }
            OutputAEADEncryptor encryptor =
                    (OutputAEADEncryptor)
                            new JceCMSContentEncryptorBuilder(CMSAlgorithm.AES256_GCM)
                                    .setProvider(BouncyCastle.provider())
                                    .build();
            return generator
                    .generate(new CMSProcessableByteArray(content), encryptor)
                    .toASN1Structure()
                    .getEncoded(ASN1Encoding.DER);
        } catch (CMSException | IOException | GeneralSecurityException e) {
            throw new CairnException(
                    ErrorCode.CERTIFICATE_INVALID,
                    "the backup's key cannot be encrypted for its recipients",
                    "recipients' certificates must have RSA or EC (P-256) keys",
                    e);
        } finally {
            Arrays.fill(content, (byte) 0);
        }
    }

    private static byte[] content(BackupKey key) {
        byte[] bytes = key.bytes();
        try {
            String text =
                    "cairn backup key 1\nid "
                            + key.id()
                            + "\nkey "
                            + HexFormat.of().formatHex(bytes)
                            + "\n";
            return text.getBytes(StandardCharsets.US_ASCII);
        } finally {
            Arrays.fill(bytes, (byte) 0);
        }
    }

    private static RecipientInfoGenerator recipientInfo(X509Certificate recipient)
            throws GeneralSecurityException, CMSException {
        PublicKey publicKey = recipient.getPublicKey();
        if (publicKey instanceof RSAPublicKey rsa && rsa.getModulus().bitLength() >= MIN_RSA_BITS) {
            return new JceKeyTransRecipientInfoGenerator(recipient, OAEP_SHA256)
                    .setProvider(BouncyCastle.provider());
        }
        if (publicKey instanceof ECPublicKey ec) {
            // The originator's key must be on the recipient's curve.
            KeyPairGenerator pairs = KeyPairGenerator.getInstance("EC");
            pairs.initialize(ec.getParams(), new SecureRandom());
            KeyPair ephemeral = pairs.generateKeyPair();
            return new JceKeyAgreeRecipientInfoGenerator(
                            CMSAlgorithm.ECDH_SHA256KDF,
                            ephemeral.getPrivate(),
                            ephemeral.getPublic(),
                            CMSAlgorithm.AES256_WRAP)
                    .addRecipient(recipient)
                    .setProvider(BouncyCastle.provider());
        }
        throw new CairnException(
                ErrorCode.CERTIFICATE_INVALID,
                "the certificate of "
                        + Certificates.name(recipient)
                        + " has a key that backups cannot be encrypted for ("
                        + publicKey.getAlgorithm()
                        + ")",
                "use RSA of at least 2048 bits, or EC on the curve P-256");
    }

    /**
     * Opens a wrapped key. An expired certificate is no obstacle: old backups must open.
     *
     * @param name of the object, for errors
     * @throws CairnException {@link ErrorCode#KEY_CANNOT_DECRYPT} if it was not encrypted for
     *     {@code identity} (the message names whom it was encrypted for), {@link
     *     ErrorCode#ARCHIVE_CORRUPT} if it is not as it was written
     */
    public static BackupKey unwrap(byte[] wrapped, Identity identity, String name) {
        try {
            RecipientInformationStore recipients =
                    new CMSAuthEnvelopedData(wrapped).getRecipientInfos();
            RecipientInformation own = recipients.get(id(identity));
            if (own == null) {
                throw notFor(identity, recipients.getRecipients(), name);
            }
            return parse(own.getContent(recipient(identity)), name);
        } catch (CMSException | RuntimeException e) {
            throw e instanceof CairnException known ? known : corrupt(name, e);
        }
    }

    /**
     * Whom a wrapped key can be opened by, by name and number of their certificates.
     *
     * @param name of the object, for errors
     * @throws CairnException {@link ErrorCode#ARCHIVE_CORRUPT}
     */
    public static Set<RecipientName> recipients(byte[] wrapped, String name) {
        try {
            return new CMSAuthEnvelopedData(wrapped)
                    .getRecipientInfos().getRecipients().stream()
                            .flatMap(recipient -> recipientName(recipient.getRID()).stream())
                            .collect(Collectors.toUnmodifiableSet());
        } catch (CMSException | RuntimeException e) {
            throw corrupt(name, e);
        }
    }

    private static Optional<RecipientName> recipientName(RecipientId id) {
        return switch (id) {
            case KeyTransRecipientId rsa ->
                    Optional.of(RecipientName.of(rsa.getIssuer(), rsa.getSerialNumber()));
            case KeyAgreeRecipientId ec ->
                    Optional.of(RecipientName.of(ec.getIssuer(), ec.getSerialNumber()));
            default -> Optional.empty();
        };
    }

    private static Recipient recipient(Identity identity) {
        if (identity.key() instanceof RemoteRsaKey remote) {
            return new RemoteRecipient(remote);
        }
        return isRsa(identity)
                ? new JceKeyTransAuthEnvelopedRecipient(identity.key())
                        .setProvider(BouncyCastle.provider())
                : new JceKeyAgreeAuthEnvelopedRecipient(identity.key())
                        .setProvider(BouncyCastle.provider());
    }

    private static RecipientId id(Identity identity) {
        return isRsa(identity)
                ? new JceKeyTransRecipientId(identity.certificate())
                : new JceKeyAgreeRecipientId(identity.certificate());
    }

    private static boolean isRsa(Identity identity) {
        return identity.key().getAlgorithm().equals("RSA");
    }

    private static BackupKey parse(byte[] content, String name) {
        try {
            Matcher matcher = CONTENT.matcher(new String(content, StandardCharsets.US_ASCII));
            if (!matcher.matches()) {
                throw new CairnException(
                        ErrorCode.FORMAT_UNSUPPORTED,
                        name + " opens, but holds no backup key of this format",
                        "use the release of Cairn that wrote it, or a newer one");
            }
            byte[] key = HexFormat.of().parseHex(matcher.group(2));
            try {
                return new BackupKey(matcher.group(1), key);
            } finally {
                Arrays.fill(key, (byte) 0);
            }
        } finally {
            Arrays.fill(content, (byte) 0);
        }
    }

    private static CairnException notFor(
            Identity identity, Collection<RecipientInformation> recipients, String name) {
        List<String> names =
                recipients.stream().map(recipient -> name(recipient.getRID())).toList();
        return new CairnException(
                ErrorCode.KEY_CANNOT_DECRYPT,
                "the "
                        + identity
                        + " cannot open "
                        + name
                        + "; it was encrypted for "
                        + names.stream().collect(Collectors.joining(", ")),
                "configure the PKCS#12 file of one of these certificates under keys.identity");
    }

    private static String name(RecipientId id) {
        return switch (id) {
            case KeyTransRecipientId rsa -> certificate(rsa.getSerialNumber(), rsa.getIssuer());
            case KeyAgreeRecipientId ec -> certificate(ec.getSerialNumber(), ec.getIssuer());
            default -> "a recipient without a certificate";
        };
    }

    private static String certificate(Object serial, Object issuer) {
        return "certificate " + serial + " of " + issuer;
    }

    private static CairnException corrupt(String name, Exception cause) {
        return new CairnException(
                ErrorCode.ARCHIVE_CORRUPT,
                name + " is not a wrapped key as it was written",
                "use another copy of this backup's key object",
                cause);
    }
}
