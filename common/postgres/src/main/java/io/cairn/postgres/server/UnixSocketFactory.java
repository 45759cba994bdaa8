package io.cairn.postgres.server;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import javax.net.SocketFactory;

/**
 * Lets pgjdbc, which knows TCP only, connect through a Unix-domain socket: its {@code
 * socketFactory} is this class and {@code socketFactoryArg} the socket's path. Host and port of the
 * URL are ignored.
 *
 * @see <a href="https://jdbc.postgresql.org/documentation/use/#connection-parameters">pgjdbc:
 *     socketFactory</a>
 */
public final class UnixSocketFactory extends SocketFactory {

    private final String path;

    /** Called by pgjdbc with {@code socketFactoryArg}. */
    public UnixSocketFactory(String path) {
        this.path = path;
    }

    /**
     * An unconnected socket; whatever address it is told to connect to, it connects to the path.
     */
    @Override
    public Socket createSocket() throws IOException {
        return UnixSocket.to(path);
    }

    @Override
    public Socket createSocket(String host, int port) throws IOException {
        return connected();
    }

    @Override
    public Socket createSocket(String host, int port, InetAddress localHost, int localPort)
            throws IOException {
        return connected();
    }

    @Override
    public Socket createSocket(InetAddress host, int port) throws IOException {
        return connected();
    }

    @Override
    public Socket createSocket(
            InetAddress address, int port, InetAddress localAddress, int localPort)
            throws IOException {
        return connected();
    }

    private Socket connected() throws IOException {
        UnixSocket socket = UnixSocket.to(path);
        socket.connect(null);
        return socket;
    }
}
