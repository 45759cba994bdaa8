package io.cairn.storage;

import io.cairn.model.ObjectKey;
import io.cairn.model.error.CairnException;
import io.cairn.model.error.ErrorCode;
import java.io.IOException;
import java.io.InputStream;
import org.jspecify.annotations.Nullable;

/** Yields exactly the bytes that were announced, or fails: an early end of file is an error. */
final class WholeStream extends InputStream {

    private final ObjectKey key;
    private final InputStream received;
    private long remaining;

    WholeStream(ObjectKey key, long length, InputStream received) {
        this.key = key;
        this.remaining = length;
        this.received = received;
    }

    @Override
    public int read() {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] target, int offset, int length) {
        if (length == 0) {
            return 0;
        }
        if (remaining == 0) {
            return -1;
        }
        int count = receive(target, offset, (int) Math.min(length, remaining));
        if (count < 0) {
            throw broken(key, null);
        }
        remaining -= count;
        return count;
    }

    private int receive(byte[] target, int offset, int length) {
        try {
            return received.read(target, offset, length);
        } catch (IOException e) {
            throw broken(key, e);
        }
    }

    @Override
    public int available() throws IOException {
        return (int) Math.min(remaining, received.available());
    }

    @Override
    public void close() throws IOException {
        received.close();
    }

    static CairnException broken(ObjectKey key, @Nullable IOException cause) {
        return new CairnException(
                ErrorCode.STORE_UNREACHABLE,
                "the connection broke off while reading " + key,
                "try again; if it happens again, see the store's log",
                cause);
    }
}
