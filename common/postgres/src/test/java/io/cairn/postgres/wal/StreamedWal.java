package io.cairn.postgres.wal;

import io.cairn.model.Lsn;
import io.cairn.postgres.wal.WalMessage.Data;
import java.io.ByteArrayOutputStream;
import java.time.Duration;

/** Keeps what a receiver brings. */
final class StreamedWal {

    private static final Duration PATIENCE = Duration.ofSeconds(20);

    private final WalReceiver receiver;
    private final Lsn start;
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

    StreamedWal(WalReceiver receiver) {
        this.receiver = receiver;
        this.start = receiver.position();
    }

    /** Reads on until everything before {@code end} is there. */
    StreamedWal readTo(Lsn end) {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (receiver.position().compareTo(end) < 0) {
            keep(receiver.next(Duration.ofMillis(200)));
            if (System.nanoTime() > deadline) {
                throw new AssertionError(
                        "WAL came up to " + receiver.position() + ", not to " + end);
            }
        }
        return this;
    }

    /** Reads on until a message of this kind. */
    <T extends WalMessage> T readUntil(Class<T> kind) {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (System.nanoTime() < deadline) {
            WalMessage message = receiver.next(Duration.ofMillis(200));
            keep(message);
            if (kind.isInstance(message)) {
                return kind.cast(message);
            }
        }
        throw new AssertionError("no " + kind.getSimpleName() + " came");
    }

    private void keep(WalMessage message) {
        if (message instanceof Data data) {
            bytes.write(data.bytes().array(), data.bytes().arrayOffset(), data.bytes().remaining());
        }
    }

    Lsn start() {
        return start;
    }

    byte[] bytes() {
        return bytes.toByteArray();
    }
}
