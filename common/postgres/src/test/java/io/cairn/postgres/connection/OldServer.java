package io.cairn.postgres.connection;

import io.cairn.config.HostPort;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;

/** Speaks just enough of the protocol to let one client in and to tell it an old version. */
final class OldServer implements AutoCloseable {

    private final ServerSocket socket;

    private OldServer(ServerSocket socket) {
        this.socket = socket;
    }

    static OldServer start(String versionNumber) throws IOException {
        OldServer server =
                new OldServer(
                        new ServerSocket(
                                0, 1, InetAddress.getByAddress(new byte[] {127, 0, 0, 1})));
        Thread.ofVirtual().start(() -> server.serve(versionNumber));
        return server;
    }

    HostPort address() {
        return new HostPort("127.0.0.1", socket.getLocalPort());
    }

    private void serve(String versionNumber) {
        try (Socket client = socket.accept()) {
            DataInputStream in = new DataInputStream(client.getInputStream());
            DataOutputStream out = new DataOutputStream(client.getOutputStream());
            in.skipNBytes(in.readInt() - 4);
            message(out, 'R', new byte[] {0, 0, 0, 0});
            parameter(out, "server_version", "14.9");
            parameter(out, "client_encoding", "UTF8");
            parameter(out, "DateStyle", "ISO, MDY");
            parameter(out, "integer_datetimes", "on");
            parameter(out, "standard_conforming_strings", "on");
            message(out, 'Z', new byte[] {'I'});
            while (in.read() == 'Q') {
                in.skipNBytes(in.readInt() - 4);
                message(
                        out,
                        'T',
                        bytes("\0\1server_version_num\0\0\0\0\0\0\0\0\0\0\31\0\0\0\0\0\0\0\0"));
                message(out, 'D', bytes("\0\1\0\0\0\6" + versionNumber));
                message(out, 'C', bytes("SHOW\0"));
                message(out, 'Z', new byte[] {'I'});
            }
        } catch (IOException e) {
            // The client has gone: this server's life is over.
        }
    }

    private static void parameter(DataOutputStream out, String name, String value)
            throws IOException {
        message(out, 'S', bytes(name + "\0" + value + "\0"));
    }

    private static void message(DataOutputStream out, char type, byte[] body) throws IOException {
        out.writeByte(type);
        out.writeInt(4 + body.length);
        out.write(body);
        out.flush();
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
