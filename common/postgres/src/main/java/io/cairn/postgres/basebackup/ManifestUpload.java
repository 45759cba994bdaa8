package io.cairn.postgres.basebackup;

import io.cairn.model.error.CairnException;
import io.cairn.postgres.connection.ReplicationWire;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/** Sends to the server what is read through it, in the COPY that {@code UPLOAD_MANIFEST} opened. */
final class ManifestUpload extends FilterInputStream {

    private static final byte[] NOTHING = {};

    private final ReplicationWire wire;
    private byte[] message = NOTHING;

    ManifestUpload(ReplicationWire wire, InputStream manifest) {
        super(manifest);
        this.wire = wire;
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
    }

    @Override
    public int read(byte[] buffer, int offset, int length) throws IOException {
        int read = in.read(buffer, offset, length);
        if (read > 0) {
            if (message.length < read) {
                message = new byte[read];
            }
            System.arraycopy(buffer, offset, message, 0, read);
            wire.send('d', message, read);
        }
        return read;
    }

    /** The stream is the caller's. */
    @Override
    public void close() {}

    void finish() {
        wire.send('c', NOTHING, 0);
        wire.awaitReady();
    }

    /** Gives the upload up: the server answers with an error, and is ready again. */
    void cancel(Exception reason) {
        byte[] text = "not a usable parent\0".getBytes(StandardCharsets.US_ASCII);
        try {
            wire.send('f', text, text.length);
            refused().ifPresent(reason::addSuppressed);
        } catch (CairnException e) {
            reason.addSuppressed(e);
        }
    }

    private Optional<CairnException> refused() {
        return wire.end().isPresent()
                ? Optional.empty()
                : Optional.of(CairnException.bug("a cancelled upload was accepted"));
    }
}
