package io.cairn.storage;

import io.cairn.model.Sha256;
import io.cairn.model.error.CairnException;
import io.cairn.model.error.ErrorCode;
import java.io.IOException;
import java.io.InputStream;

/**
 * An object opened for reading. Holds a connection until it is closed; closing early drops the
 * connection. Not thread-safe.
 */
public final class ObjectContent implements AutoCloseable {

    private final ObjectInfo info;
    private final long length;
    private final InputStream stream;

    private ObjectContent(ObjectInfo info, long length, InputStream stream) {
        this.info = info;
        this.length = length;
        this.stream = stream;
    }

    /**
     * @param length how many bytes the stream is to yield: the object's, or those of the range
     * @param received the bytes as they come; {@link #stream()} checks their number
     */
    public static ObjectContent of(ObjectInfo info, long length, InputStream received) {
        return new ObjectContent(info, length, new WholeStream(info.key(), length, received));
    }

    public ObjectInfo info() {
        return info;
    }

    /** How many bytes {@link #stream()} yields. */
    public long length() {
        return length;
    }

    /**
     * The bytes. A stream that ends early or breaks is a {@link CairnException} ({@link
     * ErrorCode#STORE_UNREACHABLE}), never an end of file: reading to the end means having read
     * all.
     */
    public InputStream stream() {
        return stream;
    }

    /**
     * The same content, checked: the length at once, the digest before the last byte is handed out,
     * so that nobody takes wrong bytes for a whole object.
     *
     * @throws CairnException {@link ErrorCode#STORE_OBJECT_DIFFERS}, also from the stream's reads
     */
    public ObjectContent expecting(long expectedLength, Sha256 sha256) {
        if (length != expectedLength) {
            close();
            throw new CairnException(
                    ErrorCode.STORE_OBJECT_DIFFERS,
                    info.key() + " has " + length + " bytes instead of " + expectedLength,
                    "the stored object was changed or damaged; use another copy");
        }
        return new ObjectContent(
                info, length, new DigestCheckedStream(info.key(), length, sha256, stream));
    }

    @Override
    public void close() {
        try {
            stream.close();
        } catch (IOException e) {
            throw WholeStream.broken(info.key(), e);
        }
    }
}
