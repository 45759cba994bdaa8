package io.cairn.local;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * A service in its own JVM, started from its Quarkus application folder. Runs in a session of its
 * own ({@code setsid}), so that Ctrl-C reaches only the supervisor, which then stops the parts in
 * order.
 */
final class JavaProcess {

    private final String name;
    private final Process process;
    private final Path log;

    JavaProcess(String name, Process process, Path log) {
        this.name = name;
        this.process = process;
        this.log = log;
    }

    /**
     * @param options JVM options
     * @param jar the runnable jar
     * @param environment added to what the supervisor has
     */
    static JavaProcess start(
            String name,
            List<String> options,
            Path jar,
            Map<String, String> environment,
            StateFolder state)
            throws IOException {
        List<String> command =
                new ArrayList<>(
                        List.of(
                                "setsid",
                                Path.of(System.getProperty("java.home"), "bin", "java")
                                        .toString()));
        command.addAll(options);
        // Making one takes as long as five starts save: for a platform that is started but once.
        if (!"skip".equals(System.getenv("CAIRN_STARTUP_ARCHIVES"))) {
            command.add("-XX:+AutoCreateSharedArchive");
            command.add("-XX:SharedArchiveFile=" + state.startupArchive(name));
            command.add("-Xlog:cds=off,cds+dynamic=off,class+path=off");
        }
        command.add("-jar");
        command.add(jar.toString());
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
        builder.environment().putAll(environment);
        Path log = state.log(name);
        builder.redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()));
        Process process = builder.start();
        process.getOutputStream().close();
        RunningParts.record(state, name, process.toHandle());
        return new JavaProcess(name, process, log);
    }

    String name() {
        return name;
    }

    boolean isAlive() {
        return process.isAlive();
    }

    /** The last lines of its log, for when it ended by itself. */
    String lastLines() {
        try {
            List<String> lines = Files.readAllLines(log);
            return String.join(
                    "\n    ", lines.subList(Math.max(0, lines.size() - 5), lines.size()));
        } catch (IOException e) {
            return "see " + log;
        }
    }

    /** Does something when it has ended, however it came to that. */
    void onExit(Runnable action) {
        var _ = process.onExit().thenRun(action);
    }

    /** SIGTERM, and no wait. */
    void askToEnd() {
        process.destroy();
    }

    /** Asks it to end and waits; ends it hard when it does not. */
    void stop(Duration patience) throws InterruptedException {
        askToEnd();
        if (!process.waitFor(patience.toMillis(), TimeUnit.MILLISECONDS)) {
            process.destroyForcibly().waitFor();
        }
    }
}
