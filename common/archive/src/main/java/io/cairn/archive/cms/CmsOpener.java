package io.cairn.archive.cms;

import io.cairn.archive.key.BackupKey;
import io.cairn.model.error.CairnException;
import io.cairn.model.error.ErrorCode;
import java.security.InvalidKeyException;
import java.util.HexFormat;
import java.util.zip.Checksum;
import javax.crypto.SecretKey;

/** Decrypts stored objects where they lie. Thread-safe: it keeps no state. */
public final class CmsOpener {

    private static final String OTHER_COPY =
            "restore from another copy of this backup, or from another backup";

    private CmsOpener() {}

    /** Where the content lies in the array that was opened: {@code [from .. to)}. */
    public record Content(int from, int to) {}

    /**
     * The id of the key that the object in {@code bytes[from .. to)} is encrypted under, as {@link
     * BackupKey#id()}. Nothing of the object is proven by it.
     *
     * @param name of the object, for errors
     * @throws CairnException {@link ErrorCode#ARCHIVE_CORRUPT} if it is no stored object
     */
    public static String keyId(byte[] bytes, int from, int to, String name) {
        return HexFormat.of().formatHex(layout(bytes, from, to, name).header().keyId());
    }

    /**
     * Decrypts the object in {@code bytes[from .. to)} in place.
     *
     * @param name of the object, for errors
     * @return where its content lies, which is plain from now on
     * @throws CairnException {@link ErrorCode#ARCHIVE_CORRUPT} if the object is not as it was
     *     written, {@link ErrorCode#KEY_CANNOT_DECRYPT} if it was encrypted under another key
     */
    public static Content openInPlace(BackupKey key, byte[] bytes, int from, int to, String name) {
        CmsReader.Layout layout = layout(bytes, from, to, name);
        CmsHeader header = layout.header();
        boolean authentic =
                ContentCipher.decryptInPlace(
                        contentKey(key, header, name),
                        header.nonce(),
                        bytes,
                        layout.contentFrom(),
                        header.contentLength(),
                        layout.tagFrom());
        if (!authentic) {
            throw corrupt(name);
        }
        return new Content(layout.contentFrom(), layout.contentFrom() + header.contentLength());
    }

    /**
     * Decrypts the object in {@code bytes[from .. to)} without keeping its content, which stays
     * encrypted where it lies.
     *
     * @param content takes the content
     * @throws CairnException as {@link #openInPlace}
     */
    static void open(BackupKey key, byte[] bytes, int from, int to, String name, Checksum content) {
        CmsReader.Layout layout = layout(bytes, from, to, name);
        CmsHeader header = layout.header();
        boolean authentic =
                ContentCipher.decrypts(
                        contentKey(key, header, name),
                        header.nonce(),
                        bytes,
                        layout.contentFrom(),
                        header.contentLength(),
                        layout.tagFrom(),
                        content);
        if (!authentic) {
            throw corrupt(name);
        }
    }

    private static CmsReader.Layout layout(byte[] bytes, int from, int to, String name) {
        return CmsReader.layout(bytes, from, to).orElseThrow(() -> corrupt(name));
    }

    private static SecretKey contentKey(BackupKey key, CmsHeader header, String name) {
        String keyId = HexFormat.of().formatHex(header.keyId());
        if (!keyId.equals(key.id())) {
            throw new CairnException(
                    ErrorCode.KEY_CANNOT_DECRYPT,
                    name + " is encrypted under backup key " + keyId + ", not under " + key.id(),
                    "use the key that this backup's backup.json names");
        }
        try {
            return key.unwrap(header.wrappedKey());
        } catch (InvalidKeyException _) {
            throw corrupt(name);
        }
    }

    private static CairnException corrupt(String name) {
        return new CairnException(
                ErrorCode.ARCHIVE_CORRUPT,
                name + " does not decrypt: it is not what was written",
                OTHER_COPY);
    }
}
