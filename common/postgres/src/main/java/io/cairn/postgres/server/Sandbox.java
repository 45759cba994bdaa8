package io.cairn.postgres.server;

import java.io.IOException;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.stream.Stream;

/**
 * Keeps a server apart from everything but its files and its socket, as far as this machine allows:
 *
 * <ul>
 *   <li>a network namespace of its own, in which there is nothing, not even a loopback interface
 *       that is up. Root may make one; others need user namespaces. A socket that is a file is
 *       reached from outside all the same.
 *   <li>the end of this process is the server's, even by {@code kill -9}: the kernel then shuts it
 *       down ({@code PR_SET_PDEATHSIG}).
 * </ul>
 *
 * @param network what is put before the server's command line so that it has no network; empty if
 *     that is not possible here
 * @param death what makes it end with this process; empty if that is not possible here
 * @see <a href="https://man7.org/linux/man-pages/man1/unshare.1.html">unshare(1)</a>, <a
 *     href="https://man7.org/linux/man-pages/man1/setpriv.1.html">setpriv(1)</a>
 */
record Sandbox(List<String> network, List<String> death) {

    static final Sandbox NONE = new Sandbox(List.of(), List.of());

    /** An immediate shutdown: the postmaster ends its children and itself. */
    private static final List<String> DEATH = List.of("setpriv", "--pdeathsig", "QUIT", "--");

    /** As root, and as somebody else. */
    private static final List<List<String>> NETWORKS =
            List.of(
                    List.of("unshare", "--net", "--"),
                    List.of("unshare", "--user", "--map-current-user", "--net", "--"));

    /** The most that works, found by trying. */
    static Sandbox around(ServerAccount account) {
        List<String> death =
                CommandProbe.works(account.command(program(DEATH, List.of("true"))))
                        ? DEATH
                        : List.of();
        List<String> network =
                NETWORKS.stream()
                        .filter(prefix ->
                                CommandProbe.works(
                                        program(
                                                prefix,
                                                account.command(program(death, List.of("true"))))))
                        .findFirst()
                        .orElse(List.of());
        return new Sandbox(network, death);
    }

    /** The command line of a program in it, run as the account. */
    List<String> command(ServerAccount account, List<String> program) {
        return program(network, account.command(program(death, program)));
    }

    boolean hasNetwork() {
        return network.isEmpty();
    }

    /**
     * Starts the program. The kernel takes the end of the thread that started it for the end of its
     * parent, so that one of its own waits for the program's end.
     */
    Process start(ProcessBuilder builder) throws IOException {
        if (death.isEmpty()) {
            return builder.start();
        }
        CompletableFuture<Process> started = new CompletableFuture<>();
        Thread.ofPlatform()
                .daemon()
                .name("cairn-postgres-parent")
                .start(() -> {
                    try {
                        Process process = builder.start();
                        started.complete(process);
                        awaitEnd(process);
                    } catch (IOException | RuntimeException e) {
                        started.completeExceptionally(e);
                    }
                });
        try {
            return started.join();
        } catch (CompletionException e) {
            throw e.getCause() instanceof IOException cause ? cause : new IOException(e.getCause());
        }
    }

    private static void awaitEnd(Process process) {
        while (process.isAlive()) {
            try {
                process.waitFor();
            } catch (InterruptedException _) {
                // Nobody ends this thread before the process has ended.
            }
        }
    }

    private static List<String> program(List<String> prefix, List<String> program) {
        return Stream.concat(prefix.stream(), program.stream()).toList();
    }
}
