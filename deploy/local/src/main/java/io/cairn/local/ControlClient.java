package io.cairn.local;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.InterruptedIOException;
import java.net.SocketTimeoutException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/** Says one line to the {@link ControlServer} and hands on its answer. */
final class ControlClient {

    /** Lines that are read and not handed on yet. */
    private static final int LINES = 64;

    private ControlClient() {}

    /**
     * @param silence how long the supervisor may take to the next line
     * @return whether the answer is whole; the supervisor ended before it was otherwise
     * @throws SocketTimeoutException when it is silent for longer
     * @throws IOException when there is none
     */
    static boolean send(Path socket, String line, Duration silence, Consumer<String> answer)
            throws IOException {
        BlockingQueue<Optional<String>> said = new LinkedBlockingQueue<>(LINES);
        try (SocketChannel channel = SocketChannel.open(UnixDomainSocketAddress.of(socket))) {
            channel.write(ByteBuffer.wrap((line + "\n").getBytes(StandardCharsets.UTF_8)));
            // A channel that blocks knows no timeout: another thread reads, and ends with it.
            Thread.ofVirtual().name("control-answer").start(() -> read(channel, said));
            while (true) {
                Optional<String> next = said.poll(silence.toMillis(), TimeUnit.MILLISECONDS);
                if (next == null) {
                    throw new SocketTimeoutException(
                            "the supervisor says nothing for " + silence.toSeconds() + " s");
                }
                if (next.isEmpty() || next.get().equals(ControlServer.END)) {
                    return next.isPresent();
                }
                answer.accept(next.get());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted");
        }
    }

    private static void read(SocketChannel channel, BlockingQueue<Optional<String>> said) {
        try {
            try (BufferedReader in =
                    new BufferedReader(
                            new InputStreamReader(
                                    Channels.newInputStream(channel), StandardCharsets.UTF_8))) {
                for (String line = in.readLine(); line != null; line = in.readLine()) {
                    said.put(Optional.of(line));
                }
            } catch (IOException e) {
                // As if the answer ended here; its last line is missing then.
            }
            said.put(Optional.empty());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
