package io.cairn.postgres.wal;

import io.cairn.model.Lsn;
import io.cairn.model.Timeline;
import java.nio.ByteBuffer;
import java.time.Instant;

/** What {@link WalReceiver#next} brought. */
public sealed interface WalMessage {

    /**
     * WAL, following on without a gap from what came before. It may begin and end anywhere, within
     * a record or a segment too.
     *
     * @param end after the last byte
     * @param serverEnd up to where the server had WAL at {@code sentAt}; while it catches up that
     *     is far beyond {@code end}
     * @param sentAt by the server's clock
     * @param bytes from {@code start} to before {@code end}; belongs to the receiver, which
     *     overwrites it with the next message
     */
    record Data(Lsn start, Lsn end, Lsn serverEnd, Instant sentAt, ByteBuffer bytes)
            implements WalMessage {}

    /**
     * The server says that it is alive.
     *
     * @param sentEnd up to where it has sent
     * @param sentAt by the server's clock
     * @param caughtUp whether {@code sentEnd} was all that the server had at {@code sentAt}. That
     *     is so for the answer to a question that was asked while nothing was on its way; any other
     *     keepalive may have been written while the connection was full, and WAL was waiting behind
     *     it.
     * @param replyRequested whether it wanted an answer at once, which the receiver has given with
     *     the last positions it was told. A server that shuts down in good order asks so until all
     *     its WAL is reported as flushed, and only then ends: what is held back for a larger object
     *     should be made durable now.
     */
    record Keepalive(Lsn sentEnd, Instant sentAt, boolean caughtUp, boolean replyRequested)
            implements WalMessage {}

    /**
     * The timeline has no more WAL, and everything of it has come. The session is free for other
     * commands.
     *
     * @param switchPoint where {@code next} begins
     */
    record TimelineEnded(Timeline next, Lsn switchPoint) implements WalMessage {}

    /** Nothing came within the time. */
    record Quiet() implements WalMessage {}
}
