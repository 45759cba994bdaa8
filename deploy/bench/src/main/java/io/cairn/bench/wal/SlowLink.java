package io.cairn.bench.wal;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;

/**
 * Distance between a client and a server: what the client sends arrives later by the delay, what
 * the server answers comes at once, so that every request takes longer by the delay, and any number
 * are on their way at the same time. TCP as it comes, so that TLS is the servers' own. Thread-safe.
 */
final class SlowLink implements AutoCloseable {

    private static final int BUFFER_BYTES = 64 << 10;

    /** Of one connection on their way, at {@link #BUFFER_BYTES} at most. */
    private static final int PACKETS = 64;

    private record Packet(long due, byte[] bytes) {}

    private final ServerSocket listener;
    private final int port;
    private final Set<Socket> sockets = ConcurrentHashMap.newKeySet();
    private volatile long delayNanos;

    private SlowLink(ServerSocket listener, int port) {
        this.listener = listener;
        this.port = port;
    }

    /** Listens on a free port of 127.0.0.1, without delay. */
    static SlowLink to(int port) {
        try {
            ServerSocket listener = new ServerSocket(0, 128, InetAddress.getLoopbackAddress());
            SlowLink link = new SlowLink(listener, port);
            Thread.ofVirtual().name("link").start(link::accept);
            return link;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    int port() {
        return listener.getLocalPort();
    }

    void delay(Duration delay) {
        delayNanos = delay.toNanos();
    }

    private void accept() {
        while (!listener.isClosed()) {
            try {
                connect(listener.accept());
            } catch (IOException _) {
                // Closed, or the server behind is away: the client sees it.
            }
        }
    }

    private void connect(Socket client) throws IOException {
        Socket server = new Socket();
        sockets.add(client);
        sockets.add(server);
        try {
            client.setTcpNoDelay(true);
            server.setTcpNoDelay(true);
            server.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
        } catch (IOException e) {
            end(client, server);
            throw e;
        }
        BlockingQueue<Packet> way = new ArrayBlockingQueue<>(PACKETS);
        run(client, server, () -> send(client.getInputStream(), way));
        run(client, server, () -> deliver(way, server.getOutputStream()));
        run(client, server, () -> server.getInputStream().transferTo(client.getOutputStream()));
    }

    @FunctionalInterface
    private interface Pump {
        void run() throws IOException, InterruptedException;
    }

    /** Whichever side ends, the connection has ended. */
    private void run(Socket client, Socket server, Pump pump) {
        Thread.ofVirtual()
                .start(() -> {
                    try {
                        pump.run();
                    } catch (IOException | InterruptedException _) {
                        // What a connection that breaks comes to.
                    } finally {
                        end(client, server);
                    }
                });
    }

    private void send(InputStream from, BlockingQueue<Packet> way)
            throws IOException, InterruptedException {
        byte[] buffer = new byte[BUFFER_BYTES];
        for (int count = from.read(buffer); count >= 0; count = from.read(buffer)) {
            byte[] bytes = new byte[count];
            System.arraycopy(buffer, 0, bytes, 0, count);
            way.put(new Packet(System.nanoTime() + delayNanos, bytes));
        }
        way.put(new Packet(System.nanoTime() + delayNanos, new byte[0]));
    }

    private static void deliver(BlockingQueue<Packet> way, OutputStream to)
            throws IOException, InterruptedException {
        for (Packet packet = way.take(); packet.bytes().length > 0; packet = way.take()) {
            TimeUnit.NANOSECONDS.sleep(packet.due() - System.nanoTime());
            to.write(packet.bytes());
        }
    }

    private void end(Socket client, Socket server) {
        for (Socket socket : Set.of(client, server)) {
            sockets.remove(socket);
            close(socket);
        }
    }

    private static void close(AutoCloseable closeable) {
        try {
            closeable.close();
        } catch (Exception _) {
            // It was broken already.
        }
    }

    @Override
    public void close() {
        close(listener);
        sockets.forEach(SlowLink::close);
    }
}
