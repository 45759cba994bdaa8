package io.cairn.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;

/** Signals and measures of other processes, by process id, on Linux. */
public final class TestProcesses {

    private static final long SIGNAL_SECONDS = 10;

    private TestProcesses() {}

    /** {@code SIGKILL}: no chance to clean up. */
    public static void kill(long pid) {
        signal(pid, "KILL");
    }

    /** {@code SIGTERM}: asks it to end. */
    public static void terminate(long pid) {
        signal(pid, "TERM");
    }

    /** {@code SIGSTOP}: all its threads stand still on return, connections stay open. */
    public static void suspend(long pid) {
        signal(pid, "STOP");
        // A thread takes the signal when it gets a processor, and the others go on until then.
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(SIGNAL_SECONDS);
        while (!standsStill(pid)) {
            if (System.nanoTime() > deadline) {
                throw new IllegalStateException("process " + pid + " does not stand still");
            }
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(1));
        }
    }

    /** Whether all threads have the state {@code T}: proc_pid_stat(5), behind the name. */
    private static boolean standsStill(long pid) {
        try (Stream<Path> threads = Files.list(Path.of("/proc", Long.toString(pid), "task"))) {
            for (Path thread : threads.toList()) {
                String stat = Files.readString(thread.resolve("stat"));
                if (!stat.startsWith(" T", stat.lastIndexOf(')') + 1)) {
                    return false;
                }
            }
            return true;
        } catch (NoSuchFileException e) {
            return false;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** {@code SIGCONT}: goes on after {@link #suspend}. */
    public static void resume(long pid) {
        signal(pid, "CONT");
    }

    /** Resident memory in bytes; 0 if the process is gone. */
    public static long residentBytes(long pid) {
        return statusBytes(pid, "VmRSS:");
    }

    /** The most resident memory the process ever had, in bytes; 0 if it is gone. */
    public static long peakResidentBytes(long pid) {
        return statusBytes(pid, "VmHWM:");
    }

    /**
     * Processor time of the process with all its threads, without its children; zero if it is gone.
     */
    public static Duration cpu(long pid) {
        return ProcessHandle.of(pid)
                .flatMap(process -> process.info().totalCpuDuration())
                .orElse(Duration.ZERO);
    }

    /** A port of 127.0.0.1 that was free a moment ago. */
    public static int freePort() {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void signal(long pid, String name) {
        // The shell's own kill: the program of that name is not installed everywhere.
        try {
            Process shell =
                    new ProcessBuilder("sh", "-c", "kill -" + name + " " + pid)
                            .redirectErrorStream(true)
                            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                            .start();
            if (!shell.waitFor(SIGNAL_SECONDS, TimeUnit.SECONDS) || shell.exitValue() != 0) {
                throw new IllegalStateException("cannot send SIG" + name + " to process " + pid);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(
                    "interrupted while sending SIG" + name + " to process " + pid, e);
        }
    }

    private static long statusBytes(long pid, String field) {
        Path status = Path.of("/proc", Long.toString(pid), "status");
        if (!Files.exists(status)) {
            return 0;
        }
        try (var lines = Files.lines(status)) {
            return lines.filter(line -> line.startsWith(field))
                    .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) * 1024)
                    .findFirst()
                    .orElse(0);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
