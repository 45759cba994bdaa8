package io.cairn.local;

import io.cairn.model.error.CairnException;
import io.cairn.model.error.ErrorCode;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;

/**
 * {@code deploy/local/up}: starts the platform, takes the first backups, and stays until {@code
 * down}; or, with {@code --once}, proves the whole circle and ends.
 */
public final class Up {

    /** What a shell says of a program that Ctrl-C ended. */
    private static final int INTERRUPTED = 130;

    private final Console console = Console.standard();
    private final StateFolder state = new StateFolder(Path.of(System.getProperty("cairn.state")));
    private final Path sources = Path.of(System.getProperty("cairn.home"));
    private final Thread main = Thread.currentThread();
    private final AtomicBoolean stopping = new AtomicBoolean();
    private volatile boolean asked;

    private Up() {}

    public static void main(String[] words) {
        System.exit(new Up().run(List.of(words)));
    }

    private int run(List<String> words) {
        try {
            return run(Arguments.parse(words));
        } catch (Exception e) {
            if (asked) {
                // By deploy/local/down or Ctrl-C: the platform is stopped already.
                return words.contains("--once") ? INTERRUPTED : 0;
            }
            return tell(e);
        }
    }

    private int tell(Exception failure) {
        if (failure instanceof CairnException e) {
            console.error("cairn: " + e.messageWithHint());
            return e.code() == ErrorCode.REQUEST_INVALID ? 2 : 1;
        }
        console.error(
                "cairn: "
                        + (failure.getMessage() == null ? failure : failure.getMessage())
                        + (String.valueOf(failure.getMessage()).contains("hint:")
                                ? ""
                                : " hint: the logs are in " + state.root().resolve("logs")));
        return 1;
    }

    private int run(Arguments arguments) throws Exception {
        // Before anything is deleted or started.
        Optional<UserConfig> user = arguments.config().map(UserConfig::read);
        user.ifPresent(UserConfig::requirePasswords);
        refuseSecond();
        if (arguments.fresh()) {
            state.clear();
        }
        state.create();
        RunningParts.record(state, RunningParts.SUPERVISOR, ProcessHandle.current());
        Platform platform = new Platform(console, sources, state);
        try (ControlServer _ =
                ControlServer.start(
                        StateFolder.CONTROL_SOCKET,
                        (line, answer) -> command(platform, line, answer))) {
            platform.start(user);
            if (arguments.once()) {
                new Once(console, platform, state, sources).prove();
                return 0;
            }
            CatalogApi catalog = new CatalogApi(platform.catalog());
            new FirstBackups(console, catalog).request();
            whatNext(platform, platform.config().clusters().firstEntry().getKey().value());
            new CountDownLatch(1).await();
            return 0;
        } finally {
            if (stopping.compareAndSet(false, true)) {
                console.stopping();
            }
            platform.stop();
            RunningParts.forget(state, RunningParts.SUPERVISOR);
            console.line(
                    "Stopped. What was stored is kept in "
                            + state.root()
                            + "; deploy/local/up goes on with it.");
        }
    }

    private void refuseSecond() {
        if (RunningParts.find(state, RunningParts.SUPERVISOR).isPresent()) {
            throw new CairnException(
                    ErrorCode.REQUEST_INVALID,
                    "the platform is running already",
                    "stop it with deploy/local/down");
        }
        List<String> left =
                RunningParts.parts(state).stream()
                        .filter(part -> RunningParts.find(state, part).isPresent())
                        .toList();
        if (!left.isEmpty()) {
            throw new CairnException(
                    ErrorCode.REQUEST_INVALID,
                    "parts of an earlier start still run: " + String.join(", ", left),
                    "end them with deploy/local/down");
        }
    }

    private void command(Platform platform, String line, Consumer<String> answer) {
        if (line.equals("stop")) {
            answer.accept("stopping");
            if (stopping.compareAndSet(false, true)) {
                asked = true;
                console.stopping();
                main.interrupt();
            }
        } else if (line.startsWith("scale ")) {
            platform.executors().scale(line.substring("scale ".length()), answer);
        } else {
            answer.accept("error: no command '" + line + "'");
        }
    }

    private void whatNext(Platform platform, String cluster) {
        console.heading("What next");
        next("cairn list", "backups, their copies and proofs");
        next("cairn backup " + cluster + " --type full", "one more, now");
        next(
                "cairn restore --cluster " + cluster + " --target-dir /tmp/" + cluster,
                "the newest, from the bucket");
        console.line("  deploy/local/scale oltp=3                      more executors for a tier");
        console.line("  curl " + platform.catalog() + "/api/v1/clusters");
        console.line("");
        if (platform.hasOwnKeys()) {
            console.line(
                    "Backups open with one key alone. Keep a copy of it elsewhere: "
                            + state.keys()
                            + " and its password "
                            + Keys.password(state));
        }
        console.line(
                "Logs: " + state.root().resolve("logs") + "   Stop: Ctrl-C, or deploy/local/down");
    }

    private void next(String command, String what) {
        console.line("  %-46s %s".formatted("deploy/bin/" + command, what));
    }
}
