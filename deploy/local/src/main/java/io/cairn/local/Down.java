package io.cairn.local;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Predicate;

/**
 * {@code deploy/local/down}: asks the running supervisor to stop everything it started; where it is
 * gone, ends what it left, by pid and start time, and nothing else.
 */
public final class Down {

    private static final Duration SUPERVISOR = Duration.ofMinutes(2);
    private static final Duration ANSWER = Duration.ofSeconds(30);
    private static final Duration PART = Duration.ofSeconds(30);

    private final StateFolder state;

    private Down(StateFolder state) {
        this.state = state;
    }

    public static void main(String[] arguments) throws Exception {
        new Down(new StateFolder(Path.of(System.getProperty("cairn.state")))).run();
    }

    private void run() throws IOException {
        boolean stopped =
                RunningParts.find(state, RunningParts.SUPERVISOR)
                        .map(this::stopThrough)
                        .orElse(false);
        // What a killed supervisor left, in its order: the services first, they use the servers.
        int ended = endLeft(Service::isPart) + endLeft(part -> true);
        if (stopped) {
            System.out.println("Stopped. What was stored is kept in " + state.root());
        } else if (ended == 0) {
            System.out.println("Nothing is running.");
        }
    }

    private boolean stopThrough(ProcessHandle supervisor) {
        try {
            ControlClient.send(StateFolder.CONTROL_SOCKET, "stop", ANSWER, line -> {});
            supervisor.onExit().get(SUPERVISOR.toSeconds(), TimeUnit.SECONDS);
            return true;
        } catch (IOException | ExecutionException | TimeoutException e) {
            // It does not listen (any more): end it and then what it started.
            supervisor.destroyForcibly();
            return false;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    private int endLeft(Predicate<String> which) {
        List<String> parts = RunningParts.parts(state).stream().filter(which).toList();
        List<String> alive =
                parts.stream()
                        .filter(part -> RunningParts.find(state, part).isPresent())
                        .filter(part -> !part.equals(RunningParts.SUPERVISOR))
                        .toList();
        try (ExecutorService together = Executors.newVirtualThreadPerTaskExecutor()) {
            alive.forEach(part -> together.execute(() -> end(part)));
        }
        parts.stream()
                .filter(part -> RunningParts.find(state, part).isEmpty())
                .forEach(part -> RunningParts.forget(state, part));
        return alive.size();
    }

    private void end(String part) {
        RunningParts.find(state, part)
                .ifPresent(process -> {
                    askToEnd(process);
                    try {
                        process.onExit().get(PART.toSeconds(), TimeUnit.SECONDS);
                    } catch (TimeoutException | ExecutionException e) {
                        process.destroyForcibly();
                        process.onExit().join();
                    } catch (InterruptedException e) {
                        Thread.currentThread().interrupt();
                    }
                    System.out.println("ended " + part);
                });
    }

    /**
     * SIGTERM, but SIGINT for PostgreSQL, to which it means a fast shutdown: on SIGTERM it would
     * wait for its sessions to end.
     */
    private static void askToEnd(ProcessHandle process) {
        boolean postgres =
                process.info().command().filter(path -> path.endsWith("/postgres")).isPresent();
        if (!postgres) {
            process.destroy();
            return;
        }
        try {
            new ProcessBuilder("kill", "-INT", Long.toString(process.pid()))
                    .inheritIO()
                    .start()
                    .waitFor();
        } catch (IOException e) {
            process.destroy();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
