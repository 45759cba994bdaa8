package io.cairn.local;

import io.cairn.model.error.CairnException;
import io.cairn.model.error.ErrorCode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;

/**
 * {@code deploy/local/up}: starts the platform, takes the first backups, and stays until {@code
 * down}; or, with {@code --once}, proves the whole circle and ends.
 */
public final class Up {

    private final Console console = Console.standard();
    private final StateFolder state = new StateFolder(Path.of(System.getProperty("cairn.state")));
    private final Path sources = Path.of(System.getProperty("cairn.home"));
    private final Thread main = Thread.currentThread();
    private final AtomicBoolean stopping = new AtomicBoolean();

    private Up() {}

    public static void main(String[] words) {
        System.exit(new Up().run(List.of(words)));
    }

    private int run(List<String> words) {
        try {
            return run(Arguments.parse(words));
        } catch (InterruptedException e) {
            // Asked to stop by deploy/local/down; the platform is stopped already.
            return words.contains("--once") ? 1 : 0;
        } catch (CairnException e) {
            console.line("cairn: " + e.messageWithHint());
            return e.code() == ErrorCode.REQUEST_INVALID ? 2 : 1;
        } catch (Exception e) {
            console.line(
                    "cairn: "
                            + (e.getMessage() == null ? e : e.getMessage())
                            + " hint: the logs are in "
                            + state.root().resolve("logs"));
            return 1;
        }
    }

    private int run(Arguments arguments) throws Exception {
        refuseSecond();
        if (arguments.fresh()) {
            FileTrees.delete(state.root());
        }
        state.create();
        RunningParts.record(state, "supervisor", ProcessHandle.current());
        Platform platform = new Platform(console, sources, state);
        try (ControlServer _ =
                ControlServer.start(
                        state.controlSocket(), (line, answer) -> command(platform, line, answer))) {
            platform.start(arguments.config());
            if (arguments.once()) {
                return new Once(console, platform, state, sources).prove() ? 0 : 1;
            }
            new FirstBackups(console, new CatalogApi(platform.catalog())).request();
            whatNext(platform);
            new CountDownLatch(1).await();
            return 0;
        } finally {
            stopping.set(true);
            console.heading("Stopping");
            platform.stop();
            Files.deleteIfExists(state.controlSocket());
            console.line(
                    "Stopped. What was stored is kept in "
                            + state.root()
                            + "; deploy/local/up goes on with it.");
        }
    }

    private void refuseSecond() {
        if (RunningParts.find(state, "supervisor").isPresent()) {
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
                main.interrupt();
            }
        } else if (line.startsWith("scale ")) {
            platform.executors().scale(line.substring("scale ".length()), answer);
        } else {
            answer.accept("error: no command '" + line + "'");
        }
    }

    private void whatNext(Platform platform) {
        console.heading("What next");
        console.line(
                "  deploy/bin/cairn list                          backups, their copies and proofs");
        console.line("  deploy/bin/cairn backup shop --type full       one more, now");
        console.line(
                "  deploy/bin/cairn restore --cluster shop --target-dir /tmp/shop   the newest, from the bucket");
        console.line("  deploy/local/scale oltp=3                      more executors for a tier");
        console.line("  curl " + platform.catalog() + "/api/v1/clusters");
        console.line("");
        console.line(
                "Logs: " + state.root().resolve("logs") + "   Stop: Ctrl-C, or deploy/local/down");
    }
}
