package io.cairn.archive.key;

import java.security.Key;
import java.util.Arrays;
import javax.crypto.spec.SecretKeySpec;
import org.bouncycastle.asn1.nist.NISTObjectIdentifiers;
import org.bouncycastle.asn1.pkcs.PKCSObjectIdentifiers;
import org.bouncycastle.asn1.pkcs.RSAESOAEPparams;
import org.bouncycastle.asn1.x509.AlgorithmIdentifier;
import org.bouncycastle.cms.CMSException;
import org.bouncycastle.cms.jcajce.JceKeyTransAuthEnvelopedRecipient;

/** Has the key of a message decrypted where the private key is, and the message here. */
final class RemoteRecipient extends JceKeyTransAuthEnvelopedRecipient {

    private final RemoteRsaKey key;

    RemoteRecipient(RemoteRsaKey key) {
        super(key);
        this.key = key;
        setProvider(BouncyCastle.provider());
    }

    @Override
    protected Key extractSecretKey(
            AlgorithmIdentifier keyEncryption,
            AlgorithmIdentifier contentEncryption,
            byte[] encryptedKey)
            throws CMSException {
        requireOaepSha256(keyEncryption);
        byte[] contentKey = key.decryptOaepSha256(encryptedKey);
        try {
            if (contentKey.length != BackupKey.KEY_BYTES) {
                throw new CMSException("a content key of " + contentKey.length + " bytes");
            }
            return new SecretKeySpec(contentKey, "AES");
        } finally {
            Arrays.fill(contentKey, (byte) 0);
        }
    }

    /** The service is told what the message says only if it is that. */
    private static void requireOaepSha256(AlgorithmIdentifier algorithm) throws CMSException {
        if (!algorithm.getAlgorithm().equals(PKCSObjectIdentifiers.id_RSAES_OAEP)) {
            throw new CMSException("the key is encrypted by " + algorithm.getAlgorithm());
        }
        RSAESOAEPparams parameters = RSAESOAEPparams.getInstance(algorithm.getParameters());
        AlgorithmIdentifier mask = parameters.getMaskGenAlgorithm();
        boolean sha256 =
                parameters.getHashAlgorithm().getAlgorithm().equals(NISTObjectIdentifiers.id_sha256)
                        && mask.getAlgorithm().equals(PKCSObjectIdentifiers.id_mgf1)
                        && AlgorithmIdentifier.getInstance(mask.getParameters())
                                .getAlgorithm()
                                .equals(NISTObjectIdentifiers.id_sha256);
        if (!sha256) {
            throw new CMSException("the key is encrypted by RSAES-OAEP, but not with SHA-256");
        }
    }
}
