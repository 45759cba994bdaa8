package io.cairn.postgres.manifest;

import io.cairn.model.Sha256;
import java.io.ByteArrayOutputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.security.MessageDigest;

/**
 * Passes a manifest through and computes the SHA-256 of all its lines but the last, which is the
 * one that states it. So each line is held back until the next begins.
 */
final class AllButLastLine extends FilterInputStream {

    /**
     * The last line is less than 100 bytes; a file's has a path, which PostgreSQL limits to 1024,
     * and 200 more.
     */
    private static final int LONGEST_LINE = 1 << 16;

    private final MessageDigest digest = Sha256.newDigest();
    private final ByteArrayOutputStream line = new ByteArrayOutputStream(1 << 10);
    private boolean lineEnded;

    AllButLastLine(InputStream in) {
        super(in);
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
    }

    @Override
    public int read(byte[] buffer, int offset, int length) throws IOException {
        int read = in.read(buffer, offset, length);
        for (int at = offset; at < offset + read; ) {
            at = takeLine(buffer, at, offset + read);
        }
        return read;
    }

    private int takeLine(byte[] buffer, int from, int to) {
        if (lineEnded) {
            digest.update(line.toByteArray());
            line.reset();
            lineEnded = false;
        }
        int end = from;
        while (end < to && buffer[end] != '\n') {
            end++;
        }
        lineEnded = end < to;
        int next = lineEnded ? end + 1 : end;
        line.write(buffer, from, next - from);
        if (line.size() > LONGEST_LINE) {
            throw ManifestParser.invalid("a line is longer than " + LONGEST_LINE + " bytes", null);
        }
        return next;
    }

    /** Of everything before the last line; to be called once, at the end of the stream. */
    Sha256 digest() {
        if (!lineEnded) {
            throw ManifestParser.invalid("its last line has no end", null);
        }
        return Sha256.of(digest);
    }
}
