package io.cairn.archive.cms;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import org.bouncycastle.asn1.ASN1Encodable;
import org.bouncycastle.asn1.ASN1Encoding;
import org.bouncycastle.asn1.ASN1Integer;
import org.bouncycastle.asn1.DEROctetString;
import org.bouncycastle.asn1.DERSet;
import org.bouncycastle.asn1.cms.CMSObjectIdentifiers;
import org.bouncycastle.asn1.cms.GCMParameters;
import org.bouncycastle.asn1.cms.KEKIdentifier;
import org.bouncycastle.asn1.cms.KEKRecipientInfo;
import org.bouncycastle.asn1.cms.RecipientInfo;
import org.bouncycastle.asn1.nist.NISTObjectIdentifiers;
import org.bouncycastle.asn1.x509.AlgorithmIdentifier;

/**
 * Everything of a stored object before its ciphertext, in DER:
 *
 * <pre>
 * ContentInfo           30 L  06 id-ct-authEnvelopedData  A0 L
 * AuthEnvelopedData       30 L  02 01 00
 * recipientInfos            31 L  [2] KEKRecipientInfo { 4, { keyId }, id-aes256-wrap, wrappedKey }
 * EncryptedContentInfo      30 L  06 id-data
 *                             30 L  06 id-aes256-GCM  30 L { nonce, 16 }
 *                             80 L  ciphertext                          ← the header ends before the ciphertext
 * mac                       04 10 tag                                   ← the trailer
 * </pre>
 *
 * <p>With definite lengths throughout, so that the ciphertext is one run of bytes: the structure is
 * put around it where it lies, without a copy.
 *
 * @param keyId names the key that wrapped the content key
 * @param wrappedKey the content key, wrapped
 * @param nonce of the content encryption
 * @param contentLength bytes of ciphertext, without the tag
 */
record CmsHeader(byte[] keyId, byte[] wrappedKey, byte[] nonce, int contentLength) {

    static final int KEY_ID_BYTES = 16;
    static final int WRAPPED_KEY_BYTES = 40;
    static final int NONCE_BYTES = 12;
    static final int TAG_BYTES = 16;
    static final int TRAILER_BYTES = 2 + TAG_BYTES;

    /** The first two bytes of the trailer: an OCTET STRING of 16 bytes. */
    static final byte[] TRAILER_START = {0x04, TAG_BYTES};

    /** The longest a header gets. */
    static final int MAX_BYTES =
            new CmsHeader(
                            new byte[KEY_ID_BYTES],
                            new byte[WRAPPED_KEY_BYTES],
                            new byte[NONCE_BYTES],
                            Integer.MAX_VALUE - 1024)
                    .encode()
                    .length;

    private static final int SEQUENCE = 0x30;
    private static final int CONTEXT_0_CONSTRUCTED = 0xA0;
    private static final int CONTEXT_0_PRIMITIVE = 0x80;

    byte[] encode() {
        byte[] encryptedContent =
                joined(
                        der(CMSObjectIdentifiers.data),
                        der(contentEncryption()),
                        start(CONTEXT_0_PRIMITIVE, contentLength));
        byte[] authEnvelopedData =
                joined(
                        der(new ASN1Integer(0)),
                        der(new DERSet(recipient())),
                        start(SEQUENCE, encryptedContent.length + contentLength),
                        encryptedContent);
        int inner = authEnvelopedData.length + contentLength + TRAILER_BYTES;
        byte[] content = joined(start(SEQUENCE, inner), authEnvelopedData);
        byte[] contentInfo =
                joined(
                        der(CMSObjectIdentifiers.authEnvelopedData),
                        start(
                                CONTEXT_0_CONSTRUCTED,
                                content.length + contentLength + TRAILER_BYTES),
                        content);
        return joined(
                start(SEQUENCE, contentInfo.length + contentLength + TRAILER_BYTES), contentInfo);
    }

    private RecipientInfo recipient() {
        return new RecipientInfo(
                new KEKRecipientInfo(
                        new KEKIdentifier(keyId, null, null),
                        new AlgorithmIdentifier(NISTObjectIdentifiers.id_aes256_wrap),
                        new DEROctetString(wrappedKey)));
    }

    private AlgorithmIdentifier contentEncryption() {
        return new AlgorithmIdentifier(
                NISTObjectIdentifiers.id_aes256_GCM, new GCMParameters(nonce, TAG_BYTES));
    }

    private static byte[] der(ASN1Encodable value) {
        try {
            return value.toASN1Primitive().getEncoded(ASN1Encoding.DER);
        } catch (IOException e) {
            throw new UncheckedIOException("writing to memory", e);
        }
    }

    /** Tag and length of a value that follows elsewhere (X.690, section 8.1.3). */
    private static byte[] start(int tag, int length) {
        if (length < 0x80) {
            return new byte[] {(byte) tag, (byte) length};
        }
        int lengthBytes = (32 - Integer.numberOfLeadingZeros(length) + 7) / 8;
        byte[] start = new byte[2 + lengthBytes];
        start[0] = (byte) tag;
        start[1] = (byte) (0x80 | lengthBytes);
        for (int i = 0; i < lengthBytes; i++) {
            start[2 + i] = (byte) (length >>> (8 * (lengthBytes - 1 - i)));
        }
        return start;
    }

    private static byte[] joined(byte[]... parts) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            bytes.writeBytes(part);
        }
        return bytes.toByteArray();
    }
}
