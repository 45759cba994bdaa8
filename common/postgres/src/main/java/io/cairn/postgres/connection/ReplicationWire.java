package io.cairn.postgres.connection;

import io.cairn.model.error.CairnException;
import java.io.IOException;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.postgresql.core.PGStream;
import org.postgresql.core.QueryExecutor;
import org.postgresql.core.QueryExecutorBase;
import org.postgresql.jdbc.PgConnection;

/**
 * The message level of the frontend/backend protocol, on the stream of a connection that pgjdbc has
 * opened and authenticated. pgjdbc itself cannot do {@code BASE_BACKUP} (two result sets come
 * before the COPY, which its CopyManager answers with a deadlock), so the commands of the
 * replication protocol are spoken here.
 *
 * <p>The driver keeps the stream in a protected field, {@code QueryExecutorBase.pgStream}, which is
 * read by a method handle: {@code ReplicationWireTest} fails when a release of pgjdbc moves it.
 *
 * <p>Every message is {@code type byte, int32 length including itself, body}. Not thread-safe,
 * except {@link #close()}, which makes a read in another thread fail; and while one thread reads,
 * another may {@linkplain #send send}.
 *
 * @see <a href="https://www.postgresql.org/docs/current/protocol-message-formats.html">Message
 *     Formats</a>
 */
public final class ReplicationWire {

    /**
     * Larger messages are not those of this protocol: the server's buffer for base backups is 32
     * kB.
     */
    private static final int LONGEST_MESSAGE = 1 << 24;

    /** A socket waits in whole milliseconds, and for ever with none. */
    private static final Duration SHORTEST_WAIT = Duration.ofMillis(1);

    private static final MethodHandle STREAM = streamGetter();

    private final PGStream stream;
    private final ServerErrors errors;
    private final List<Socket> sockets;
    private Consumer<ServerMessage> notices = message -> {};
    private Duration readTimeout;
    private volatile boolean closed;
    private volatile boolean broken;
    private int remaining;

    ReplicationWire(DriverConnection connection, ServerErrors errors, Duration readTimeout) {
        this.stream = stream(connection.connection());
        this.errors = errors;
        this.sockets = connection.sockets();
        this.readTimeout = readTimeout;
    }

    private static MethodHandle streamGetter() {
        try {
            return MethodHandles.privateLookupIn(QueryExecutorBase.class, MethodHandles.lookup())
                    .findGetter(QueryExecutorBase.class, "pgStream", PGStream.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    static PGStream stream(PgConnection connection) {
        QueryExecutor executor = connection.getQueryExecutor();
        try {
            return (PGStream) STREAM.invoke((QueryExecutorBase) executor);
        } catch (Throwable e) {
            throw new IllegalStateException("a field could not be read", e);
        }
    }

    /** Where NOTICE and WARNING messages go; they may come at any time. */
    public void onNotice(Consumer<ServerMessage> listener) {
        notices = listener;
    }

    /** How long the server may send nothing. */
    public void readTimeout(Duration timeout) {
        networkTimeout(timeout);
        readTimeout = timeout;
    }

    private void networkTimeout(Duration timeout) {
        try {
            stream.setNetworkTimeout(Math.toIntExact(timeout.toMillis()));
        } catch (IOException e) {
            throw failed(e);
        }
    }

    /** Sends a simple query: replication commands have no other form. */
    public void query(String command) {
        byte[] text = command.getBytes(StandardCharsets.UTF_8);
        send('Q', Arrays.copyOf(text, text.length + 1), text.length + 1);
    }

    /**
     * Sends one message at once, from the start of the buffer. Another thread may be reading; none
     * may be sending.
     */
    public void send(char type, byte[] body, int length) {
        try {
            stream.sendChar(type);
            stream.sendInteger4(4 + length);
            stream.send(body, 0, length);
            stream.flush();
        } catch (IOException e) {
            throw failed(e);
        }
    }

    /**
     * As {@link #next()}, where the server owes nothing: waits no longer than this for a message to
     * begin.
     *
     * @param wait 1 ms or more; a server that has begun a message must go on within the read
     *     timeout
     * @return empty if none began
     */
    public Optional<Character> poll(Duration wait) {
        requireRead();
        long deadline = System.nanoTime() + wait.toNanos();
        for (Duration left = wait; ; left = Duration.ofNanos(deadline - System.nanoTime())) {
            if (!begins(left.compareTo(SHORTEST_WAIT) < 0 ? SHORTEST_WAIT : left)) {
                return Optional.empty();
            }
            char type = header();
            if (!takesOut(type)) {
                return Optional.of(orError(type));
            }
        }
    }

    private boolean begins(Duration wait) {
        networkTimeout(wait);
        boolean begun = peek();
        networkTimeout(readTimeout);
        return begun;
    }

    private boolean peek() {
        try {
            stream.peekChar();
            return true;
        } catch (SocketTimeoutException e) {
            return false;
        } catch (IOException e) {
            throw failed(e);
        }
    }

    /**
     * Goes to the next message that the command's sequence knows; notices and parameter changes are
     * taken out.
     *
     * @return its type byte; its body is {@link #remaining()} bytes
     * @throws CairnException if it is an error, mapped by its SQLSTATE; the session is at rest
     *     again afterwards, unless the server ended it
     */
    public char next() {
        return orError(nextOrError());
    }

    private char orError(char type) {
        if (type == 'E') {
            ServerMessage message = ServerMessage.parse(body());
            throw rest(message, errors.inCommand(message, null));
        }
        return type;
    }

    private char nextOrError() {
        requireRead();
        char type = header();
        while (takesOut(type)) {
            type = header();
        }
        return type;
    }

    private void requireRead() {
        if (remaining != 0) {
            throw errors.protocol(remaining + " bytes of a message were not expected");
        }
    }

    /** What may come at any time and is no part of a command's sequence. */
    private boolean takesOut(char type) {
        switch (type) {
            case 'N' -> notices.accept(ServerMessage.parse(body()));
            case 'S', 'A' -> body();
            default -> {
                return false;
            }
        }
        return true;
    }

    /**
     * After FATAL nothing comes any more; after ERROR the server says that it is ready for the next
     * command.
     */
    private CairnException rest(ServerMessage message, CairnException failure) {
        if (!message.endsSession()) {
            try {
                skipToReady();
            } catch (CairnException e) {
                failure.addSuppressed(e);
            }
        }
        return failure;
    }

    private void skipToReady() {
        for (char type = nextOrError(); type != 'Z'; type = nextOrError()) {
            body();
        }
        body();
    }

    /**
     * Reads the end of a command.
     *
     * @return the error that the server reported after it had sent everything
     */
    public Optional<ServerMessage> end() {
        char type = nextOrError();
        if (type == 'E') {
            ServerMessage message = ServerMessage.parse(body());
            if (message.endsSession()) {
                throw errors.inCommand(message, null);
            }
            skipToReady();
            return Optional.of(message);
        }
        body();
        if (type != 'C') {
            throw unexpected(type, "the end of the command");
        }
        skipToReady();
        return Optional.empty();
    }

    /**
     * Reads what is left of a command, CommandComplete any number of times, until the server is
     * ready for the next.
     */
    public void awaitReady() {
        for (char type = next(); type != 'Z'; type = next()) {
            body();
            if (type != 'C') {
                throw unexpected(type, "the end of the command");
            }
        }
        body();
    }

    /** The server has shown in its own way that it ends the session. */
    public CairnException ended(String how) {
        broken = true;
        return errors.ended(how);
    }

    /** The server owes an answer, and it did not come. */
    public CairnException silent() {
        return errors.silent(null);
    }

    public CairnException mapped(ServerMessage error) {
        return errors.inCommand(error, null);
    }

    private char header() {
        try {
            char type = (char) stream.receiveChar();
            int length = stream.receiveInteger4() - 4;
            if (length < 0 || length > LONGEST_MESSAGE) {
                throw errors.protocol("a message '" + type + "' of " + length + " bytes");
            }
            remaining = length;
            return type;
        } catch (IOException e) {
            throw failed(e);
        }
    }

    /** Bytes of the current message that have not been read. */
    public int remaining() {
        return remaining;
    }

    /** The rest of the current message. */
    public byte[] body() {
        byte[] body = new byte[remaining];
        read(body, body.length);
        return body;
    }

    /** The next byte of the current message. */
    public char readChar() {
        take(1);
        try {
            return (char) stream.receiveChar();
        } catch (IOException e) {
            throw failed(e);
        }
    }

    /** Reads bytes of the current message to the start of the buffer. */
    public void read(byte[] buffer, int length) {
        take(length);
        try {
            stream.receive(buffer, 0, length);
        } catch (IOException e) {
            throw failed(e);
        }
    }

    private void take(int bytes) {
        if (bytes > remaining) {
            throw errors.protocol("a message that is too short");
        }
        remaining -= bytes;
    }

    public void expect(char type) {
        char received = next();
        if (received != type) {
            throw unexpected(received, "'" + type + "'");
        }
    }

    /** The server sent what the command's sequence does not allow. */
    public CairnException violated(String what) {
        return errors.protocol(what);
    }

    public CairnException unexpected(char received, String wanted) {
        return errors.protocol("message '" + received + "' where " + wanted + " was due");
    }

    /** A RowDescription and its rows up to CommandComplete; null values as null. */
    public List<List<@Nullable String>> resultSet() {
        return binaryResultSet().stream().map(ReplicationWire::text).toList();
    }

    /** As {@link #resultSet()}, where its RowDescription has begun. */
    public List<List<@Nullable String>> restOfResultSet() {
        return rows().stream().map(ReplicationWire::text).toList();
    }

    private static List<@Nullable String> text(List<byte @Nullable []> row) {
        List<@Nullable String> texts = new ArrayList<>();
        for (byte[] value : row) {
            texts.add(value == null ? null : new String(value, StandardCharsets.UTF_8));
        }
        return texts;
    }

    /** As {@link #resultSet()}, with the values as they come. */
    public List<List<byte @Nullable []>> binaryResultSet() {
        expect('T');
        return rows();
    }

    private List<List<byte @Nullable []>> rows() {
        body();
        List<List<byte @Nullable []>> rows = new ArrayList<>();
        for (char type = next(); ; type = next()) {
            switch (type) {
                case 'D' -> rows.add(row());
                case 'C' -> {
                    body();
                    return rows;
                }
                default -> throw unexpected(type, "a row");
            }
        }
    }

    private List<byte @Nullable []> row() {
        ByteBuffer body = ByteBuffer.wrap(body());
        List<byte @Nullable []> row = new ArrayList<>();
        for (int columns = body.getShort(); columns > 0; columns--) {
            int length = body.getInt();
            if (length < 0) {
                row.add(null);
            } else {
                byte[] value = new byte[length];
                body.get(value);
                row.add(value);
            }
        }
        return row;
    }

    /** A failed read or write, as an error that says whose doing it was. */
    private CairnException failed(IOException e) {
        broken = true;
        if (closed) {
            return errors.aborted(e);
        }
        if (e instanceof SocketTimeoutException) {
            return errors.silent(e);
        }
        return errors.lost(e);
    }

    /**
     * Whether it was closed on this side, or a read or write has failed, which whoever wanted it
     * has been told.
     */
    boolean isBroken() {
        return closed || broken;
    }

    /**
     * Closes the socket at once, without a word to the server. Any thread may call it, more than
     * once. It is the TCP socket that is closed: closing the TLS socket over it may wait until a
     * busy server says goodbye.
     */
    public void close() {
        closed = true;
        try {
            for (Socket socket : sockets) {
                socket.close();
            }
        } catch (IOException e) {
            throw errors.lost(e);
        }
    }
}
