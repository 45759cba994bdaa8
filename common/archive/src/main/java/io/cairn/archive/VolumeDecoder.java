package io.cairn.archive;

import io.cairn.archive.cms.CmsOpener;
import io.cairn.archive.gzip.GzipCodec;
import io.cairn.archive.gzip.GzipMembers;
import io.cairn.archive.key.BackupKey;
import io.cairn.model.Sha256;
import io.cairn.model.backup.StoredObject;
import io.cairn.model.backup.Volume;
import io.cairn.model.error.CairnException;
import io.cairn.model.error.ErrorCode;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.security.MessageDigest;

/**
 * Reads stored objects back: checks length and digest against the commit object, decrypts,
 * inflates. No byte of plaintext leaves before the whole object is known to be authentic.
 *
 * <p>Not thread-safe, and meant to be kept: a decoder reuses its memory for one object after
 * another. Use one for each thread. Memory of each: the longest object it has read, and 1 MiB.
 */
public final class VolumeDecoder implements AutoCloseable {

    private static final int READ_BYTES = 256 << 10;
    private static final int MAX_OBJECT_BYTES = Integer.MAX_VALUE - 64;
    private static final String OTHER_COPY =
            "restore from another copy of this backup, or from another backup";

    private final BackupKey key;
    private final GzipMembers members;
    private final byte[] chunk = new byte[GzipCodec.MEMBER_BYTES];
    private byte[] object = new byte[0];

    public VolumeDecoder(GzipCodec codec, BackupKey key) {
        this.key = key;
        this.members = new GzipMembers(codec);
    }

    /** Takes plaintext, in order. */
    @FunctionalInterface
    public interface Output {

        /** The array is the decoder's: its bytes are valid until the return. */
        void accept(byte[] bytes, int offset, int length) throws IOException;
    }

    /**
     * Reads a volume and hands its slice of the tar stream to {@code output}, in chunks of at most
     * 1 MiB.
     *
     * @param stored the object's bytes; read to the end, not closed
     * @throws CairnException {@link ErrorCode#ARCHIVE_INCOMPLETE} if the object is shorter than the
     *     commit object says, {@link ErrorCode#ARCHIVE_CORRUPT} if anything else about it differs,
     *     {@link ErrorCode#KEY_CANNOT_DECRYPT} if it is encrypted under another key
     * @throws IOException as {@code stored} or {@code output} throw it
     */
    public void decode(InputStream stored, Volume volume, Output output) throws IOException {
        begin(stored, volume.object());
        long bytes = 0;
        while (members.hasNext()) {
            int length = members.next(chunk);
            bytes += length;
            if (bytes > volume.bytes()) {
                throw lengthDiffers(volume);
            }
            output.accept(chunk, 0, length);
        }
        if (bytes != volume.bytes()) {
            throw lengthDiffers(volume);
        }
    }

    /** Reads an object that fits into memory: manifest, index. Errors as of {@link #decode}. */
    public byte[] decode(InputStream stored, StoredObject expected) throws IOException {
        begin(stored, expected);
        ByteArrayOutputStream content = new ByteArrayOutputStream();
        while (members.hasNext()) {
            content.write(chunk, 0, members.next(chunk));
        }
        return content.toByteArray();
    }

    /**
     * Reads an object that is in memory already, and hands its content to {@code output}, in chunks
     * of at most 1 MiB. Errors as of {@link #decode(InputStream, Volume, Output)}.
     *
     * @param stored all of the object; decrypted in place, and of no use afterwards
     */
    public void decode(byte[] stored, StoredObject expected, Output output) throws IOException {
        MessageDigest digest = Sha256.newDigest();
        digest.update(stored);
        requireDigest(digest, expected);
        open(stored, stored.length, expected);
        while (members.hasNext()) {
            output.accept(chunk, 0, members.next(chunk));
        }
    }

    private void begin(InputStream stored, StoredObject expected) throws IOException {
        int length = read(stored, expected);
        open(object, length, expected);
    }

    private void open(byte[] bytes, int length, StoredObject expected) {
        String name = expected.key().value();
        CmsOpener.Content content = CmsOpener.openInPlace(key, bytes, 0, length, name);
        members.begin(bytes, content.from(), content.to(), name);
    }

    /** Reads the whole object into memory; returns its length. */
    private int read(InputStream stored, StoredObject expected) throws IOException {
        if (expected.length() > MAX_OBJECT_BYTES) {
            throw corrupt(
                    expected,
                    "is said to be " + expected.length() + " bytes long, more than any object");
        }
        int length = (int) expected.length();
        if (object.length < length) {
            object = new byte[length];
        }
        MessageDigest digest = Sha256.newDigest();
        int at = 0;
        while (at < length) {
            int read = stored.read(object, at, Math.min(READ_BYTES, length - at));
            if (read < 0) {
                throw new CairnException(
                        ErrorCode.ARCHIVE_INCOMPLETE,
                        expected.key() + " ends after " + at + " of " + length + " bytes",
                        OTHER_COPY);
            }
            digest.update(object, at, read);
            at += read;
        }
        if (stored.read() >= 0) {
            throw corrupt(expected, "is longer than the " + length + " bytes that were written");
        }
        requireDigest(digest, expected);
        return length;
    }

    private static void requireDigest(MessageDigest digest, StoredObject expected) {
        if (!Sha256.of(digest).equals(expected.sha256())) {
            throw corrupt(expected, "has another SHA-256 than the commit object says");
        }
    }

    private static CairnException lengthDiffers(Volume volume) {
        return corrupt(
                volume.object(),
                "holds another slice than the " + volume.bytes() + " bytes that were written");
    }

    private static CairnException corrupt(StoredObject object, String what) {
        return new CairnException(ErrorCode.ARCHIVE_CORRUPT, object.key() + " " + what, OTHER_COPY);
    }

    @Override
    public void close() {
        members.close();
    }
}
