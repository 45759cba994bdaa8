package io.cairn.postgres.server;

import io.cairn.model.error.CairnException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;

/** One run of the postmaster, from its launch to the end of its last child. */
final class ServerProcess {

    /** The port in the socket's name; the directory is the server's own. */
    private static final int SOCKET_PORT = 5432;

    private static final Duration POLL = Duration.ofMillis(20);
    private static final Duration END_TIMEOUT = Duration.ofSeconds(10);

    /** The port was taken when the server tried to bind it. */
    static final class AddressInUse extends Exception {

        private final transient CairnException failure;

        AddressInUse(CairnException failure) {
            super(failure);
            this.failure = failure;
        }

        CairnException failure() {
            return failure;
        }
    }

    private final Launch launch;
    private final Path runDirectory;
    private final List<ServerAccount.Ownership> ownerships;
    private final long logStart;
    private final Process process;
    private final Thread hook;

    private ServerProcess(
            Launch launch,
            Path runDirectory,
            List<ServerAccount.Ownership> ownerships,
            long logStart,
            Process process) {
        this.launch = launch;
        this.runDirectory = runDirectory;
        this.ownerships = ownerships;
        this.logStart = logStart;
        this.process = process;
        this.hook = new Thread(this::endWithParent, "stop-postgres-" + process.pid());
        Runtime.getRuntime().addShutdownHook(hook);
    }

    static ServerProcess launch(Launch launch, int port, ServerAccount account, Sandbox sandbox) {
        try {
            account.reach(launch.binaries().program("postgres"));
            List<ServerAccount.Ownership> ownerships = own(launch, account);
            Path runDirectory = Files.createTempDirectory(launch.runDirectories(), "cairn-pg-");
            List<String> command = launch.command(launch.tcp() ? port : SOCKET_PORT, runDirectory);
            Files.setPosixFilePermissions(
                    runDirectory, PosixFilePermissions.fromString("rwx------"));
            account.own(runDirectory);
            long logStart = Files.exists(launch.logFile()) ? Files.size(launch.logFile()) : 0;
            ProcessBuilder builder =
                    new ProcessBuilder(sandbox.command(account, command))
                            .directory(Path.of("/").toFile())
                            .redirectInput(Path.of("/dev/null").toFile())
                            .redirectErrorStream(true)
                            .redirectOutput(
                                    ProcessBuilder.Redirect.appendTo(launch.logFile().toFile()));
            builder.environment()
                    .keySet()
                    .removeIf(name -> name.startsWith("PG") || name.startsWith("LC_"));
            builder.environment().put("LC_ALL", "C.UTF-8");
            return new ServerProcess(
                    launch, runDirectory, ownerships, logStart, sandbox.start(builder));
        } catch (IOException e) {
            throw LocalServer.failed(launch, e);
        }
    }

    private static List<ServerAccount.Ownership> own(Launch launch, ServerAccount account)
            throws IOException {
        List<ServerAccount.Ownership> ownerships = new ArrayList<>();
        for (Path directory :
                Stream.concat(Stream.of(launch.dataDirectory()), launch.alsoOwned().stream())
                        .toList()) {
            account.reach(directory);
            ownerships.add(account.own(directory));
        }
        return ownerships;
    }

    Path socket() {
        return runDirectory.resolve(".s.PGSQL." + SOCKET_PORT);
    }

    long pid() {
        return process.pid();
    }

    boolean isAlive() {
        return process.isAlive();
    }

    /**
     * Returns when the server accepts connections; otherwise the process has ended when this
     * throws.
     */
    void awaitReady(Duration timeout) throws AddressInUse {
        long deadline = System.nanoTime() + timeout.toNanos();
        try {
            while (!ready()) {
                if (process.waitFor(POLL.toMillis(), TimeUnit.MILLISECONDS)) {
                    throw ended();
                }
                if (System.nanoTime() > deadline) {
                    kill();
                    String reason =
                            "it accepts no connections after "
                                    + timeout.toSeconds()
                                    + " s: "
                                    + log();
                    throw LocalServer.failed(
                            launch.dataDirectory(), reason, launch.logFile(), null);
                }
            }
        } catch (IOException e) {
            kill();
            throw LocalServer.failed(launch, e);
        } catch (InterruptedException e) {
            kill();
            Thread.currentThread().interrupt();
            throw LocalServer.failed(launch.dataDirectory(), "interrupted", launch.logFile(), e);
        }
    }

    /**
     * The postmaster writes its state into the eighth line of {@code postmaster.pid}, as {@code
     * pg_ctl -w} reads it; the first line is its process id.
     */
    private boolean ready() throws IOException {
        try {
            List<String> lines =
                    Files.readAllLines(launch.dataDirectory().resolve("postmaster.pid"));
            return lines.size() > 7
                    && lines.getFirst().equals(Long.toString(process.pid()))
                    && lines.get(7).strip().equals("ready");
        } catch (NoSuchFileException e) {
            return false;
        }
    }

    private CairnException ended() throws AddressInUse {
        forget();
        cleanUp();
        String log = log();
        CairnException failure =
                LocalServer.failed(launch.dataDirectory(), log, launch.logFile(), null);
        if (log.contains("could not create any TCP/IP sockets")) {
            throw new AddressInUse(failure);
        }
        return failure;
    }

    private String log() {
        try {
            return LogTail.since(launch.logFile(), logStart);
        } catch (IOException e) {
            return "its log cannot be read: " + e;
        }
    }

    void signal(String name) {
        if (!process.isAlive()) {
            return;
        }
        try {
            // The JDK sends TERM and KILL only. The process is our child and not reaped, so the id
            // is its own.
            Process kill =
                    new ProcessBuilder("/bin/sh", "-c", "kill -" + name + " " + process.pid())
                            .start();
            kill.waitFor();
        } catch (IOException e) {
            throw LocalServer.failed(launch, e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    void stop(Duration timeout) {
        end("INT", timeout);
        forget();
        cleanUp();
    }

    void kill() {
        endForcibly();
        forget();
        cleanUp();
    }

    private void endWithParent() {
        end("INT", END_TIMEOUT);
        cleanUp();
    }

    private void end(String signal, Duration timeout) {
        try {
            signal(signal);
            if (!process.waitFor(timeout.toMillis(), TimeUnit.MILLISECONDS)) {
                endForcibly();
            }
        } catch (InterruptedException e) {
            endForcibly();
            Thread.currentThread().interrupt();
        }
    }

    /**
     * Backends notice the postmaster's death only when they next wait, and a restart is refused
     * while one lives.
     */
    private void endForcibly() {
        List<ProcessHandle> family =
                Stream.concat(Stream.of(process.toHandle()), process.descendants()).toList();
        family.forEach(ProcessHandle::destroyForcibly);
        long deadline = System.nanoTime() + END_TIMEOUT.toNanos();
        while (family.stream().anyMatch(ServerProcess::isRunning) && System.nanoTime() < deadline) {
            LockSupport.parkNanos(POLL.toNanos());
        }
    }

    /**
     * Orphans are reaped by process 1, in some containers only seconds later; until then they are
     * zombies, but gone.
     */
    private static boolean isRunning(ProcessHandle process) {
        try {
            String status =
                    Files.readString(
                            Path.of("/proc/" + process.pid() + "/stat"),
                            StandardCharsets.ISO_8859_1);
            return process.isAlive() && status.charAt(status.lastIndexOf(')') + 2) != 'Z';
        } catch (IOException e) {
            return process.isAlive();
        }
    }

    private void forget() {
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException e) {
            // This process is ending, and the hook does the same as we do.
        }
    }

    /**
     * Nothing of a run stays behind but the log, and the directories belong to whom they belonged.
     */
    private void cleanUp() {
        try {
            for (ServerAccount.Ownership ownership : ownerships) {
                ownership.giveBack();
            }
            FileTree.delete(runDirectory);
        } catch (IOException e) {
            throw LocalServer.failed(launch, e);
        }
    }
}
