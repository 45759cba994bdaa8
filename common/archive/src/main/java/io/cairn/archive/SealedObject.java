package io.cairn.archive;

import io.cairn.model.ObjectKey;
import io.cairn.model.Sha256;
import io.cairn.model.backup.StoredObject;
import java.nio.ByteBuffer;
import java.security.MessageDigest;

/**
 * An object as it is to be stored: complete, encrypted, of known length and digest.
 *
 * @param content read-only; {@link #content()} gives each caller a view of its own, so it can be
 *     read again. Its memory is the writer's: it is valid until the {@link VolumeSink} that got it
 *     returns
 */
public record SealedObject(ObjectKey key, ByteBuffer content, Sha256 sha256) {

    private static final int DIGEST_PIECE_BYTES = 64 << 10;

    public SealedObject {
        content = content.asReadOnlyBuffer();
    }

    static SealedObject of(ObjectKey key, ByteBuffer content) {
        MessageDigest digest = Sha256.newDigest();
        ByteBuffer rest = content.duplicate();
        byte[] piece = new byte[DIGEST_PIECE_BYTES];
        while (rest.hasRemaining()) {
            int length = Math.min(piece.length, rest.remaining());
            rest.get(piece, 0, length);
            digest.update(piece, 0, length);
        }
        return new SealedObject(key, content, Sha256.of(digest));
    }

    @Override
    public ByteBuffer content() {
        return content.duplicate();
    }

    public int length() {
        return content.remaining();
    }

    /** What a commit object says of it once it is stored. */
    public StoredObject stored() {
        return new StoredObject(key, length(), sha256);
    }
}
