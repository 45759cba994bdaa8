package io.cairn.postgres.wal;

import io.cairn.model.Lsn;
import io.cairn.postgres.connection.ReplicationWire;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.InstantSource;

/**
 * What the receiver says to the server while WAL streams. Sends from several threads take turns;
 * after the end of the stream nothing is sent any more. Thread-safe.
 *
 * <pre>
 * CopyData 'r' written, flushed, applied (each an LSN), time (int64), reply wanted (1 byte)
 * CopyDone
 * </pre>
 */
final class StatusReplies {

    private static final int STATUS_BYTES = 1 + 3 * Long.BYTES + Long.BYTES + 1;
    private static final byte[] NOTHING = {};
    private static final Positions UNKNOWN = new Positions(new Lsn(0), new Lsn(0), new Lsn(0));

    /** Zero stands for unknown, and acknowledges nothing. */
    private record Positions(Lsn written, Lsn flushed, Lsn applied) {}

    private final ReplicationWire wire;
    private final InstantSource clock;
    private final ByteBuffer status = ByteBuffer.allocate(STATUS_BYTES);
    private Positions last = UNKNOWN;
    private long sentNanos = System.nanoTime();
    private boolean streaming = true;

    StatusReplies(ReplicationWire wire, InstantSource clock) {
        this.wire = wire;
        this.clock = clock;
    }

    /**
     * @return false if the stream has ended, and nothing was sent
     */
    synchronized boolean report(Lsn written, Lsn flushed, Lsn applied) {
        last = new Positions(written, flushed, applied);
        return send(false);
    }

    /** Says again what was said last. */
    synchronized void repeat() {
        send(false);
    }

    /** As {@link #repeat}, if nothing was said for so long. */
    synchronized void repeatAfter(Duration silence) {
        if (System.nanoTime() - sentNanos >= silence.toNanos()) {
            send(false);
        }
    }

    /** As {@link #repeat}; the server is to answer with a keepalive. */
    synchronized void ask() {
        send(true);
    }

    /** The server has ended its side. */
    synchronized void end() {
        streaming = false;
        wire.send('c', NOTHING, 0);
    }

    /** The stream has ended in another way. */
    synchronized void stop() {
        streaming = false;
    }

    synchronized boolean isStreaming() {
        return streaming;
    }

    private boolean send(boolean replyWanted) {
        if (!streaming) {
            return false;
        }
        status.clear()
                .put((byte) 'r')
                .putLong(last.written().bits())
                .putLong(last.flushed().bits())
                .putLong(last.applied().bits())
                .putLong(ServerTime.toMicros(clock.instant()))
                .put((byte) (replyWanted ? 1 : 0));
        wire.send('d', status.array(), STATUS_BYTES);
        sentNanos = System.nanoTime();
        return true;
    }
}
