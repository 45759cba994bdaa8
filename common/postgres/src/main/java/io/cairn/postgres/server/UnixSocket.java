package io.cairn.postgres.server;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.net.SocketAddress;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedSelectorException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A stream socket on a path, as a {@link Socket}. The JDK has Unix-domain sockets as channels only,
 * and those have no read timeout: hence a non-blocking channel with one selector for reading and
 * one for writing. As with every socket, one thread may read while another writes and a third
 * closes.
 */
final class UnixSocket extends Socket {

    private final UnixDomainSocketAddress address;
    private final SocketChannel channel;
    private final Selector readable;
    private final Selector writable;
    private volatile boolean connected;
    private volatile int readTimeoutMillis;

    private UnixSocket(
            UnixDomainSocketAddress address,
            SocketChannel channel,
            Selector readable,
            Selector writable) {
        this.address = address;
        this.channel = channel;
        this.readable = readable;
        this.writable = writable;
    }

    static UnixSocket to(String path) throws IOException {
        SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX);
        return new UnixSocket(
                UnixDomainSocketAddress.of(path), channel, Selector.open(), Selector.open());
    }

    @Override
    public void connect(@Nullable SocketAddress ignored) throws IOException {
        connect(ignored, 0);
    }

    /** A local connection is made or refused at once, so the timeout has no use. */
    @Override
    public void connect(@Nullable SocketAddress ignored, int timeout) throws IOException {
        channel.connect(address);
        channel.configureBlocking(false);
        channel.register(readable, SelectionKey.OP_READ);
        channel.register(writable, SelectionKey.OP_WRITE);
        connected = true;
    }

    @Override
    public InputStream getInputStream() {
        return new InputStream() {
            @Override
            public int read() throws IOException {
                byte[] one = new byte[1];
                return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
            }

            @Override
            public int read(byte[] buffer, int offset, int length) throws IOException {
                Objects.checkFromIndexSize(offset, length, buffer.length);
                return length == 0 ? 0 : receive(ByteBuffer.wrap(buffer, offset, length));
            }

            @Override
            public void close() throws IOException {
                UnixSocket.this.close();
            }
        };
    }

    private int receive(ByteBuffer buffer) throws IOException {
        for (int read = channel.read(buffer); ; read = channel.read(buffer)) {
            if (read != 0) {
                return read;
            }
            await(readable, readTimeoutMillis);
        }
    }

    @Override
    public OutputStream getOutputStream() {
        return new OutputStream() {
            @Override
            public void write(int value) throws IOException {
                write(new byte[] {(byte) value}, 0, 1);
            }

            @Override
            public void write(byte[] buffer, int offset, int length) throws IOException {
                ByteBuffer bytes = ByteBuffer.wrap(buffer, offset, length);
                while (bytes.hasRemaining()) {
                    if (channel.write(bytes) == 0) {
                        await(writable, 0);
                    }
                }
            }

            @Override
            public void close() throws IOException {
                UnixSocket.this.close();
            }
        };
    }

    private static void await(Selector selector, int timeoutMillis) throws IOException {
        try {
            int ready = selector.select(timeoutMillis);
            selector.selectedKeys().clear();
            if (ready == 0 && Thread.currentThread().isInterrupted()) {
                throw new SocketException("interrupted");
            }
            if (ready == 0 && timeoutMillis > 0) {
                throw new SocketTimeoutException(
                        "nothing received within " + timeoutMillis + " ms");
            }
        } catch (ClosedSelectorException e) {
            throw closed(e);
        }
    }

    private static SocketException closed(Exception cause) {
        SocketException exception = new SocketException("the socket is closed");
        exception.initCause(cause);
        return exception;
    }

    @Override
    public void close() throws IOException {
        try (readable;
                writable) {
            channel.close();
        }
    }

    @Override
    public void shutdownInput() throws IOException {
        channel.shutdownInput();
    }

    @Override
    public void shutdownOutput() throws IOException {
        channel.shutdownOutput();
    }

    @Override
    public boolean isConnected() {
        return connected;
    }

    @Override
    public boolean isClosed() {
        return !channel.isOpen();
    }

    @Override
    public void setSoTimeout(int timeout) {
        readTimeoutMillis = timeout;
    }

    @Override
    public int getSoTimeout() {
        return readTimeoutMillis;
    }

    // What only TCP has is accepted and means nothing here.

    @Override
    public void setTcpNoDelay(boolean on) {}

    @Override
    public boolean getTcpNoDelay() {
        return true;
    }

    @Override
    public void setKeepAlive(boolean on) {}

    @Override
    public void setSendBufferSize(int size) {}

    @Override
    public int getSendBufferSize() {
        return 1 << 16;
    }

    @Override
    public void setReceiveBufferSize(int size) {}

    @Override
    public int getReceiveBufferSize() {
        return 1 << 16;
    }
}
