package io.cairn.archive.cms;

import java.util.Arrays;
import java.util.Optional;
import org.bouncycastle.asn1.ASN1Set;
import org.bouncycastle.asn1.cms.GCMParameters;
import org.bouncycastle.asn1.cms.KEKRecipientInfo;
import org.bouncycastle.asn1.cms.RecipientInfo;
import org.bouncycastle.asn1.x509.AlgorithmIdentifier;

/**
 * Finds the parts of a stored object where they lie. What it accepts is exactly what {@link
 * CmsHeader} writes: the header is encoded again from the parts and compared byte for byte, so that
 * nothing in it can differ and still be read.
 */
final class CmsReader {

    /**
     * @param header the parts
     * @param contentFrom where the ciphertext begins
     */
    record Layout(CmsHeader header, int contentFrom) {

        int tagFrom() {
            return contentFrom + header.contentLength() + CmsHeader.TRAILER_START.length;
        }
    }

    private final byte[] bytes;
    private final int from;
    private final int to;
    private int position;

    private CmsReader(byte[] bytes, int from, int to) {
        this.bytes = bytes;
        this.from = from;
        this.to = to;
        this.position = from;
    }

    /** The layout of the object in {@code bytes[from .. to)}, if it is one of ours. */
    static Optional<Layout> layout(byte[] bytes, int from, int to) {
        try {
            return new CmsReader(bytes, from, to).read();
        } catch (IllegalArgumentException
                | IllegalStateException
                | IndexOutOfBoundsException
                | ClassCastException _) {
            // Whatever Bouncy Castle or the walk stumbled over: it is not what we wrote.
            return Optional.empty();
        }
    }

    private Optional<Layout> read() {
        enter(0x30);
        skip(0x06);
        enter(0xA0);
        enter(0x30);
        skip(0x02);
        KEKRecipientInfo recipient = recipient(value(0x31));
        enter(0x30);
        skip(0x06);
        GCMParameters gcm =
                GCMParameters.getInstance(
                        AlgorithmIdentifier.getInstance(value(0x30)).getParameters());
        int contentLength = enter(0x80);
        CmsHeader header =
                new CmsHeader(
                        recipient.getKekid().getKeyIdentifier().getOctets(),
                        recipient.getEncryptedKey().getOctets(),
                        gcm.getNonce(),
                        contentLength);
        return isExactly(header) ? Optional.of(new Layout(header, position)) : Optional.empty();
    }

    private boolean isExactly(CmsHeader header) {
        byte[] expected = header.encode();
        int contentEnd = position + header.contentLength();
        return header.keyId().length == CmsHeader.KEY_ID_BYTES
                && header.wrappedKey().length == CmsHeader.WRAPPED_KEY_BYTES
                && header.nonce().length == CmsHeader.NONCE_BYTES
                && to - contentEnd == CmsHeader.TRAILER_BYTES
                && Arrays.equals(bytes, from, position, expected, 0, expected.length)
                && Arrays.equals(bytes, contentEnd, contentEnd + 2, CmsHeader.TRAILER_START, 0, 2);
    }

    private static KEKRecipientInfo recipient(byte[] set) {
        ASN1Set recipients = ASN1Set.getInstance(set);
        return KEKRecipientInfo.getInstance(
                RecipientInfo.getInstance(recipients.getObjectAt(0)).getInfo());
    }

    /** Passes tag and length; the value follows. Returns its length. */
    private int enter(int tag) {
        if ((bytes[position++] & 0xff) != tag) {
            throw new IllegalArgumentException("another tag");
        }
        int length = bytes[position++] & 0xff;
        if (length >= 0x80) {
            int lengthBytes = length & 0x7f;
            if (lengthBytes < 1 || lengthBytes > 4) {
                throw new IllegalArgumentException("not a definite length");
            }
            length = 0;
            for (int i = 0; i < lengthBytes; i++) {
                length = (length << 8) | (bytes[position++] & 0xff);
            }
        }
        if (length < 0 || length > to - position) {
            throw new IllegalArgumentException("longer than the object");
        }
        return length;
    }

    private void skip(int tag) {
        int length = enter(tag);
        position += length;
    }

    /** The whole small element at the position, tag and length included. */
    private byte[] value(int tag) {
        int start = position;
        skip(tag);
        return Arrays.copyOfRange(bytes, start, position);
    }
}
