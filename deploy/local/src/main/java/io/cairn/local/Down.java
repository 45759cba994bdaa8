package io.cairn.local;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * {@code deploy/local/down}: asks the running supervisor to stop everything it started; where it is
 * gone, ends what it left, by pid and start time, and nothing else.
 */
public final class Down {

    private static final Duration SUPERVISOR = Duration.ofMinutes(2);
    private static final Duration PART = Duration.ofSeconds(30);

    private Down() {}

    public static void main(String[] arguments) throws Exception {
        StateFolder state = new StateFolder(Path.of(System.getProperty("cairn.state")));
        boolean stopped =
                RunningParts.find(state, "supervisor")
                        .map(supervisor -> stopThrough(supervisor, state))
                        .orElse(false);
        int ended = endLeftParts(state);
        if (!stopped && ended == 0) {
            System.out.println("Nothing is running.");
        }
    }

    private static boolean stopThrough(ProcessHandle supervisor, StateFolder state) {
        try {
            ControlClient.send(state.controlSocket(), "stop", line -> {});
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

    private static int endLeftParts(StateFolder state) throws IOException, InterruptedException {
        List<String> parts = RunningParts.parts(state);
        int ended = 0;
        for (String part : parts) {
            var process = RunningParts.find(state, part);
            if (process.isPresent() && !part.equals("supervisor")) {
                end(process.get());
                System.out.println("ended " + part);
                ended++;
            }
            RunningParts.forget(state, part);
        }
        return ended;
    }

    /**
     * SIGINT: PostgreSQL takes it for a fast shutdown (SIGTERM would wait for sessions), a JVM as
     * it takes SIGTERM.
     */
    private static void end(ProcessHandle process) throws IOException, InterruptedException {
        new ProcessBuilder("kill", "-INT", Long.toString(process.pid()))
                .inheritIO()
                .start()
                .waitFor();
        try {
            process.onExit().get(PART.toSeconds(), TimeUnit.SECONDS);
        } catch (TimeoutException | ExecutionException e) {
            process.destroyForcibly();
        }
    }
}
