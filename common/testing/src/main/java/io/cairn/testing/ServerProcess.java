package io.cairn.testing;

import io.cairn.model.error.CairnException;
import io.cairn.model.error.ErrorCode;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;

/**
 * A child process that serves a port of 127.0.0.1. Ends with this JVM at the latest. Thread-safe.
 */
final class ServerProcess {

    private static final Duration START = Duration.ofSeconds(60);
    private static final Duration STOP = Duration.ofSeconds(20);
    private static final int POLL_MILLIS = 20;
    private static final int LOG_LINES = 5;

    private final String name;
    private final Path log;
    private final Process process;
    private final Thread atExit;

    private ServerProcess(String name, Path log, Process process) {
        this.name = name;
        this.log = log;
        this.process = process;
        this.atExit = new Thread(process::destroyForcibly, "end " + name);
        Runtime.getRuntime().addShutdownHook(atExit);
    }

    /** The {@code java} of this JVM. */
    static String java() {
        return Path.of(System.getProperty("java.home"), "bin", "java").toString();
    }

    /** Starts the command and waits until {@code ready}; output is appended to {@code log}. */
    static ServerProcess start(
            String name,
            List<String> command,
            Map<String, String> environment,
            Path log,
            BooleanSupplier ready) {
        ProcessBuilder builder =
                new ProcessBuilder(command)
                        .redirectErrorStream(true)
                        .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()));
        builder.environment().putAll(environment);
        ServerProcess server;
        try {
            server = new ServerProcess(name, log, builder.start());
        } catch (IOException e) {
            throw new CairnException(
                    ErrorCode.SERVICE_UNREACHABLE, "cannot start " + name, "see the cause", e);
        }
        server.await(ready);
        return server;
    }

    private void await(BooleanSupplier ready) {
        long end = System.nanoTime() + START.toNanos();
        while (!ready.getAsBoolean()) {
            if (!process.isAlive()) {
                throw failed("ended with status " + process.exitValue() + " while starting");
            }
            if (System.nanoTime() > end) {
                kill();
                throw failed("was not ready within " + START.toSeconds() + " s");
            }
            pause();
        }
    }

    private void pause() {
        try {
            process.waitFor(POLL_MILLIS, TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            kill();
            throw failed("was interrupted while starting");
        }
    }

    private CairnException failed(String how) {
        return new CairnException(
                ErrorCode.SERVICE_UNREACHABLE, name + " " + how + ": " + lastLines(), "see " + log);
    }

    private String lastLines() {
        try (Stream<String> lines = Files.lines(log)) {
            List<String> all = lines.toList();
            return String.join("; ", all.subList(Math.max(0, all.size() - LOG_LINES), all.size()));
        } catch (IOException e) {
            return "no log (" + e + ")";
        }
    }

    static boolean listens(int port) {
        try (Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 1000);
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    long pid() {
        return process.pid();
    }

    boolean isAlive() {
        return process.isAlive();
    }

    /** {@code SIGTERM}, and {@code SIGKILL} for the one that does not obey within {@link #STOP}. */
    void stop() {
        process.destroy();
        if (!ends(STOP)) {
            process.destroyForcibly();
            ends(STOP);
        }
        forget();
    }

    /** {@code SIGKILL}. */
    void kill() {
        process.destroyForcibly();
        ends(STOP);
        forget();
    }

    private boolean ends(Duration within) {
        try {
            return process.waitFor(within.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            process.destroyForcibly();
            return true;
        }
    }

    private void forget() {
        try {
            Runtime.getRuntime().removeShutdownHook(atExit);
        } catch (IllegalStateException e) {
            // This JVM is going down already, and the hook has run or will run.
            process.destroyForcibly();
        }
    }
}
