package io.cairn.postgres.wal;

import io.cairn.model.Lsn;
import io.cairn.model.Timeline;
import io.cairn.model.error.CairnException;
import io.cairn.model.error.ErrorCode;
import io.cairn.postgres.connection.ConnectionMode;
import io.cairn.postgres.connection.ReplicationWire;
import io.cairn.postgres.connection.ServerConnection;
import io.cairn.postgres.connection.SqlText;
import io.cairn.postgres.wal.WalMessage.Data;
import io.cairn.postgres.wal.WalMessage.Keepalive;
import io.cairn.postgres.wal.WalMessage.Quiet;
import io.cairn.postgres.wal.WalMessage.TimelineEnded;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * One run of {@code START_REPLICATION PHYSICAL}: the WAL of one timeline from one position on, over
 * a slot. <b>Nothing is acknowledged that {@link #status} was not told</b>: the server removes WAL,
 * and lets synchronous commits return, on the flushed position alone.
 *
 * <pre>
 * server                                            receiver
 *   CopyBothResponse                                  CopyData 'r' status, see StatusReplies
 *   CopyData 'w' start, server end, time, WAL
 *   CopyData 'k' sent end, time, reply wanted
 *   CopyDone                                          CopyDone
 *   (next timeline, switch point)
 *   CommandComplete*, ReadyForQuery
 *   or, at the end of an orderly shutdown, CommandComplete alone
 * </pre>
 *
 * <p>{@link #next} is for one thread; {@link #status} and {@link #abort} may be called by others.
 * While one thread is within {@code next}, the last positions are repeated every second. One that
 * does not call it for longer must see to it that {@code status} is called at least every {@value
 * #SENDER_TIMEOUT_SECONDS} seconds, or the server ends the stream.
 *
 * @see <a
 *     href="https://www.postgresql.org/docs/current/protocol-replication.html#PROTOCOL-REPLICATION-START-REPLICATION">START_REPLICATION</a>
 */
public final class WalReceiver implements AutoCloseable {

    /**
     * {@code wal_sender_timeout}: a receiver that has vanished frees its slot within this time, so
     * that another can take it over.
     */
    public static final int SENDER_TIMEOUT_SECONDS = 5;

    private static final Duration STATUS_INTERVAL = Duration.ofSeconds(1);

    /** Of 'w' and 'k' before what differs: two int64. */
    private static final int HEADER_BYTES = 2 * Long.BYTES;

    /** {@code MAX_SEND_SIZE} of the server; grows if a server sends more. */
    private static final int INITIAL_BUFFER = 128 << 10;

    private final ServerConnection session;
    private final ReplicationWire wire;
    private final StatusReplies replies;
    private final byte[] header = new byte[HEADER_BYTES + Long.BYTES];
    private byte[] buffer = new byte[INITIAL_BUFFER];
    private Lsn position;
    private Optional<TimelineEnded> endedAtOnce = Optional.empty();

    /** When the server was asked for a sign of life that has not come yet. */
    private long askedNanos;

    private boolean asked;
    private long heardNanos = System.nanoTime();

    private WalReceiver(ServerConnection session, Lsn start, InstantSource clock) {
        this.session = session;
        this.wire = session.wire();
        this.replies = new StatusReplies(wire, clock);
        this.position = start;
    }

    /**
     * Starts the stream.
     *
     * @param session in {@link ConnectionMode#DATABASE_REPLICATION}, with a primary or a standby.
     *     Its {@code application_name} is what {@code synchronous_standby_names} knows; its read
     *     timeout is how long the server may leave a question unanswered, 10 s being a good value
     * @param start whole segments come only from a segment's first byte on; at the switch point of
     *     an old timeline, {@link TimelineEnded} comes first
     * @throws CairnException {@link ErrorCode#POSTGRES_SLOT_ACTIVE} if another streams from the
     *     slot; {@link ErrorCode#POSTGRES_WAL_REMOVED} if the WAL is gone or the slot was
     *     invalidated; {@link ErrorCode#POSTGRES_TIMELINE_DIVERGED} if the server's history does
     *     not have this position on this timeline. The last two may show only with the first {@link
     *     #next}. The session can be used after any of them.
     */
    public static WalReceiver start(
            ServerConnection session, String slot, Timeline timeline, Lsn start) {
        return start(session, slot, timeline, start, InstantSource.system());
    }

    static WalReceiver start(
            ServerConnection session,
            String slot,
            Timeline timeline,
            Lsn start,
            InstantSource clock) {
        session.execute("SET wal_sender_timeout = '" + SENDER_TIMEOUT_SECONDS + "s'");
        WalReceiver receiver = new WalReceiver(session, start, clock);
        receiver.begin(
                "START_REPLICATION SLOT "
                        + SqlText.identifier(slot)
                        + " PHYSICAL "
                        + start
                        + " TIMELINE "
                        + timeline);
        return receiver;
    }

    private void begin(String command) {
        wire.query(command);
        char type = wire.next();
        switch (type) {
            case 'W' -> wire.body();
            // Nothing of an old timeline is left after this position: the stream is skipped.
            case 'T' -> {
                replies.stop();
                endedAtOnce = Optional.of(timelineEnded(wire.restOfResultSet()));
            }
            default -> throw wire.unexpected(type, "the start of the stream");
        }
    }

    /**
     * Waits for the next message, at most so long; a server that stops in the middle of one is
     * waited for as long as its read timeout.
     *
     * @throws CairnException {@link ErrorCode#POSTGRES_CONNECTION_LOST} if the server or the
     *     network ended the stream, or the server left a question unanswered; {@link
     *     ErrorCode#POSTGRES_WAL_REMOVED}; {@link ErrorCode#POSTGRES_TIMELINE_DIVERGED} if the
     *     server's own WAL ends before the start
     */
    public WalMessage next(Duration wait) {
        if (endedAtOnce.isPresent()) {
            TimelineEnded ended = endedAtOnce.get();
            endedAtOnce = Optional.empty();
            return ended;
        }
        if (!replies.isStreaming()) {
            throw new IllegalStateException("the stream has ended");
        }
        try {
            return await(wait);
        } catch (CairnException e) {
            replies.stop();
            throw e;
        }
    }

    private WalMessage await(Duration wait) {
        long deadline = System.nanoTime() + wait.toNanos();
        while (true) {
            replies.repeatAfter(STATUS_INTERVAL);
            Duration left = Duration.ofNanos(Math.max(0, deadline - System.nanoTime()));
            boolean last = left.compareTo(STATUS_INTERVAL) <= 0;
            Optional<Character> type = wire.poll(last ? left : STATUS_INTERVAL);
            if (type.isPresent()) {
                heardNanos = System.nanoTime();
                return message(type.get());
            }
            askForLife();
            if (last) {
                return new Quiet();
            }
        }
    }

    /**
     * An idle server says nothing by itself, as long as it hears from the receiver. It is asked
     * while nothing is on its way, which makes its answer worth more: see {@link Keepalive}.
     */
    private void askForLife() {
        long now = System.nanoTime();
        if (asked && now - askedNanos >= session.readTimeout().toNanos()) {
            throw wire.silent();
        }
        if (!asked && now - heardNanos >= STATUS_INTERVAL.toNanos()) {
            replies.ask();
            asked = true;
            askedNanos = now;
        }
    }

    private WalMessage message(char type) {
        return switch (type) {
            case 'd' -> copyData();
            case 'c' -> {
                wire.body();
                replies.end();
                yield timelineEnded(wire.resultSet());
            }
            case 'C' -> {
                wire.body();
                throw wire.ended("it is shutting down, and has sent all its WAL");
            }
            default -> throw wire.unexpected(type, "WAL");
        };
    }

    private WalMessage copyData() {
        char kind = wire.readChar();
        return switch (kind) {
            case 'w' -> data();
            case 'k' -> keepalive();
            default -> throw wire.unexpected(kind, "w or k");
        };
    }

    private Data data() {
        wire.read(header, HEADER_BYTES + Long.BYTES);
        ByteBuffer fields = ByteBuffer.wrap(header);
        Lsn start = new Lsn(fields.getLong());
        Lsn serverEnd = new Lsn(fields.getLong());
        long sentMicros = fields.getLong();
        if (!start.equals(position)) {
            throw wire.violated("WAL from " + start + " where " + position + " was due");
        }
        int length = wire.remaining();
        if (length > buffer.length) {
            buffer = new byte[length];
        }
        wire.read(buffer, length);
        position = start.plus(length);
        return new Data(
                start,
                position,
                serverEnd,
                ServerTime.ofMicros(sentMicros),
                ByteBuffer.wrap(buffer, 0, length));
    }

    private Keepalive keepalive() {
        wire.read(header, HEADER_BYTES + 1);
        ByteBuffer fields = ByteBuffer.wrap(header);
        Lsn sentEnd = new Lsn(fields.getLong());
        long sentMicros = fields.getLong();
        boolean replyRequested = fields.get() != 0;
        boolean answer = asked && !replyRequested;
        if (replyRequested) {
            replies.repeat();
        } else {
            asked = false;
        }
        return new Keepalive(sentEnd, ServerTime.ofMicros(sentMicros), answer, replyRequested);
    }

    private TimelineEnded timelineEnded(List<List<@Nullable String>> rows) {
        wire.awaitReady();
        List<@Nullable String> row = rows.getFirst();
        return new TimelineEnded(
                new Timeline(Integer.parseInt(Objects.requireNonNull(row.get(0)))),
                Lsn.parse(Objects.requireNonNull(row.get(1))));
    }

    /** Up to where WAL has been received: where the next {@link Data} begins. For the reader. */
    public Lsn position() {
        return position;
    }

    /**
     * Tells the server up to where WAL has been received, is durable, and has been replayed. It
     * counts what it is told last, also where that is less than before; {@code 0/0} stands for
     * unknown. Waits while the server takes nothing in.
     *
     * @param flushed decides what the slot lets go of, and which commits return under {@code
     *     synchronous_commit = on}
     * @param written decides under {@code remote_write}
     * @param applied decides under {@code remote_apply}
     * @return false if the timeline's end or an error has ended the stream, and nothing was sent
     */
    public boolean status(Lsn written, Lsn flushed, Lsn applied) {
        return replies.report(written, flushed, applied);
    }

    /** Ends the stream and the session at once, from any thread; {@link #next} throws. */
    public void abort() {
        session.abort();
    }

    /**
     * Ends the stream, if it has not ended: then the session is aborted, since nothing else can be
     * asked of it in mid-stream. Acknowledges nothing.
     */
    @Override
    public void close() {
        if (replies.isStreaming()) {
            replies.stop();
            session.abort();
        }
    }
}
