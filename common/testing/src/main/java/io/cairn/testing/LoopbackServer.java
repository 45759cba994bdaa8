package io.cairn.testing;

import io.cairn.model.error.CairnException;
import io.cairn.model.error.ErrorCode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A third-party server on a port of 127.0.0.1 that it keeps over restarts, with everything it
 * stores in one directory. Runs as a child process, or in a container where the system property
 * {@code cairn.servers.from} says {@code containers}. Thread-safe.
 */
public abstract sealed class LoopbackServer implements AutoCloseable permits KafkaServer, S3Server {

    private static final Duration START = Duration.ofSeconds(60);
    private static final int POLL_MILLIS = 20;
    private static final int LOG_LINES = 5;

    private final JavaServer server;
    private final Path directory;
    private final Path log;
    private final int port;
    private @Nullable ServerProcess process;

    LoopbackServer(JavaServer server, Builder<?, ?> settings) {
        this.server = server;
        this.directory = settings.directory.toAbsolutePath();
        this.port = settings.port == 0 ? TestProcesses.freePort() : settings.port;
        this.log =
                settings.log == null ? directory.resolve(server.folder() + ".log") : settings.log;
    }

    /** Where and how a server is to run. */
    public abstract static sealed class Builder<S extends LoopbackServer, B extends Builder<S, B>>
            permits KafkaServer.Builder, S3Server.Builder {

        private final Path directory;
        private int port;
        private @Nullable Path log;

        Builder(Path directory) {
            this.directory = directory;
        }

        abstract B self();

        abstract S create();

        /** Default: a free one, kept over restarts. */
        public B port(int wanted) {
            port = wanted;
            return self();
        }

        /** Default: {@code <name>.log} in the directory. */
        public B log(Path file) {
            log = file;
            return self();
        }

        /** Starts it and returns when it takes connections. */
        public S start() {
            S created = create();
            created.start();
            return created;
        }
    }

    /** Writes what the server reads at its start, and says how it is run. */
    abstract JavaServer.Run prepare();

    public int port() {
        return port;
    }

    /** Of its last run. */
    public synchronized long pid() {
        return process().pid();
    }

    public synchronized boolean isRunning() {
        return process != null && process.isAlive();
    }

    /** Processor time used since its start. */
    public Duration cpu() {
        return TestProcesses.cpu(pid());
    }

    /** Resident memory in bytes. */
    public long residentBytes() {
        return TestProcesses.residentBytes(pid());
    }

    /** Ends it properly; {@link #start()} goes on with the same data on the same port. */
    public synchronized void stop() {
        process().stop();
    }

    /** {@code SIGKILL}; {@link #start()} goes on with the same data on the same port. */
    public synchronized void kill() {
        process().kill();
    }

    /** Starts it again after {@link #stop()} or {@link #kill()}. */
    public synchronized void start() {
        if (!isRunning()) {
            ServerProcess started = server.launch(prepare());
            process = started;
            awaitReady(started);
        }
    }

    /** Stands still without closing connections, until {@link #resume()}. */
    public synchronized void suspend() {
        process().suspend();
    }

    public synchronized void resume() {
        process().resume();
    }

    /** Ends it for good: at once, unless what it leaves makes the next start quicker. */
    @Override
    public synchronized void close() {
        if (isRunning() && process().leavesAnArchive()) {
            stop();
        } else {
            kill();
        }
    }

    private ServerProcess process() {
        if (process == null) {
            throw new IllegalStateException(server.label() + " was never started");
        }
        return process;
    }

    private void awaitReady(ServerProcess started) {
        long end = System.nanoTime() + START.toNanos();
        while (!listens()) {
            if (!started.isAlive()) {
                throw failed("ended while starting");
            }
            if (System.nanoTime() > end) {
                started.kill();
                throw failed("was not ready within " + START.toSeconds() + " s");
            }
            try {
                TimeUnit.MILLISECONDS.sleep(POLL_MILLIS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                started.kill();
                throw failed("was interrupted while starting");
            }
        }
    }

    private boolean listens() {
        try (Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 1000);
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    CairnException failed(String how) {
        return new CairnException(
                ErrorCode.SERVICE_UNREACHABLE,
                server.label() + " " + how + ": " + lastLines(),
                "see " + log);
    }

    private String lastLines() {
        try (Stream<String> lines = Files.lines(log)) {
            List<String> all = lines.toList();
            return String.join("; ", all.subList(Math.max(0, all.size() - LOG_LINES), all.size()));
        } catch (IOException e) {
            return "no log (" + e + ")";
        }
    }

    Path directory() {
        return directory;
    }

    Path data() {
        return directory.resolve("data");
    }

    Path log() {
        return log;
    }

    static void createDirectories(Path directory) {
        try {
            Files.createDirectories(directory);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
