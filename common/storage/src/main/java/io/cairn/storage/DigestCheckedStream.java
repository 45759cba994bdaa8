package io.cairn.storage;

import io.cairn.model.ObjectKey;
import io.cairn.model.Sha256;
import io.cairn.model.error.CairnException;
import io.cairn.model.error.ErrorCode;
import java.io.IOException;
import java.io.InputStream;
import java.security.MessageDigest;

/**
 * Checks the digest with the last bytes still in hand: they are handed out only if it matches. A
 * PUT that is fed from here therefore never completes with wrong bytes.
 */
final class DigestCheckedStream extends InputStream {

    private final ObjectKey key;
    private final Sha256 expected;
    private final InputStream stream;
    private final MessageDigest digest = Sha256.newDigest();
    private long remaining;

    DigestCheckedStream(ObjectKey key, long length, Sha256 expected, InputStream stream) {
        this.key = key;
        this.remaining = length;
        this.expected = expected;
        this.stream = stream;
        if (length == 0) {
            check();
        }
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] target, int offset, int length) throws IOException {
        int count = stream.read(target, offset, length);
        if (count <= 0) {
            return count;
        }
        digest.update(target, offset, count);
        remaining -= count;
        if (remaining == 0) {
            check();
        }
        return count;
    }

    private void check() {
        Sha256 actual = Sha256.of(digest);
        if (!actual.equals(expected)) {
            throw new CairnException(
                    ErrorCode.STORE_OBJECT_DIFFERS,
                    key + " has digest " + actual + " instead of " + expected,
                    "the stored object was changed or damaged; use another copy");
        }
    }

    @Override
    public int available() throws IOException {
        return stream.available();
    }

    @Override
    public void close() throws IOException {
        stream.close();
    }
}
