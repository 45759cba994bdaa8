package io.cairn.local;

import io.cairn.model.error.CairnException;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintWriter;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.Channels;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.Consumer;

/**
 * Lets {@code deploy/local/scale} and {@code down} talk to the running supervisor: a Unix-domain
 * socket in the state folder, one command line in, lines of answer out, {@link #END} as the last.
 * Clients do not wait for each other.
 */
final class ControlServer implements AutoCloseable {

    /** Says that the answer is whole. */
    static final String END = ".";

    private final Path socket;
    private final ServerSocketChannel channel;

    private ControlServer(Path socket, ServerSocketChannel channel) {
        this.socket = socket;
        this.channel = channel;
    }

    static ControlServer start(Path socket, Command command) throws IOException {
        Files.deleteIfExists(socket);
        ServerSocketChannel channel = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        channel.bind(UnixDomainSocketAddress.of(socket));
        ControlServer server = new ControlServer(socket, channel);
        Thread.ofVirtual().name("control").start(() -> server.accept(command));
        return server;
    }

    private void accept(Command command) {
        while (channel.isOpen()) {
            try {
                SocketChannel client = channel.accept();
                Thread.ofVirtual().name("control-client").start(() -> serve(client, command));
            } catch (ClosedChannelException e) {
                return;
            } catch (IOException e) {
                // This client went away; the next one is served.
            }
        }
    }

    private static void serve(SocketChannel client, Command command) {
        try (client;
                BufferedReader in =
                        new BufferedReader(
                                new InputStreamReader(
                                        Channels.newInputStream(client), StandardCharsets.UTF_8));
                PrintWriter out =
                        new PrintWriter(
                                Channels.newOutputStream(client), true, StandardCharsets.UTF_8)) {
            String line = in.readLine();
            if (line != null) {
                answer(command, line, out);
                out.println(END);
            }
        } catch (IOException e) {
            // The client went away.
        }
    }

    private static void answer(Command command, String line, PrintWriter out) {
        try {
            command.run(line, out::println);
        } catch (CairnException e) {
            out.println("error: " + e.messageWithHint());
        } catch (RuntimeException e) {
            out.println("error: " + (e.getMessage() == null ? e : e.getMessage()));
        }
    }

    @Override
    public void close() throws IOException {
        channel.close();
        Files.deleteIfExists(socket);
    }

    /** Does what one line says and tells how it goes. */
    @FunctionalInterface
    interface Command {
        void run(String line, Consumer<String> answer);
    }
}
