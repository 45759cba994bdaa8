package io.cairn.local;

import java.io.IOException;
import java.io.Reader;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Properties;
import java.util.Set;

/**
 * The loopback port of each part: the one it had last time or prefers, and where that is taken by
 * something else, another, remembered.
 */
final class Ports {

    private final Path file;
    private final Properties chosen = new Properties();
    private final Set<Integer> given = new HashSet<>();

    Ports(Path file) {
        this.file = file;
        if (Files.exists(file)) {
            try (Reader reader = Files.newBufferedReader(file)) {
                chosen.load(reader);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    synchronized int of(String part, int preferred) {
        int port = Integer.parseInt(chosen.getProperty(part, Integer.toString(preferred)));
        if (given.contains(port) || !isFree(port)) {
            port = anyFree();
        }
        given.add(port);
        chosen.setProperty(part, Integer.toString(port));
        save();
        return port;
    }

    private void save() {
        try (Writer writer = Files.newBufferedWriter(file)) {
            chosen.store(writer, null);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static boolean isFree(int port) {
        try (ServerSocket socket = new ServerSocket()) {
            socket.setReuseAddress(true);
            socket.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    private static int anyFree() {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
