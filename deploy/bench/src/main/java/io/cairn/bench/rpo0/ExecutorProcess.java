package io.cairn.bench.rpo0;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** One run of the packaged executor. */
final class ExecutorProcess {

    /** As an operator would start it (docs/configuration.md, Sizing), with a quick start. */
    private static final List<String> JVM =
            List.of(
                    "--enable-native-access=ALL-UNNAMED",
                    "-Xmx288m",
                    "-Xmn24m",
                    "-XX:MaxDirectMemorySize=32m",
                    "-XX:+UseSerialGC",
                    "-XX:TieredStopAtLevel=1",
                    "-Xlog:disable",
                    "-Xlog:all=error:stderr");

    private static final long ARCHIVE_SECONDS = 60;

    private static final String HOLDS = "Holds the WAL stream of";

    private final Process process;
    private final Path log;
    private final Thread atExit;

    private ExecutorProcess(Process process, Path log) {
        this.process = process;
        this.log = log;
        this.atExit = new Thread(process::destroyForcibly, "end executor " + process.pid());
        Runtime.getRuntime().addShutdownHook(atExit);
    }

    /**
     * @param application folder of the packaged executor
     * @param more options of the JVM
     */
    static ExecutorProcess start(
            Path application, Path log, Map<String, String> environment, List<String> more)
            throws IOException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(JVM);
        command.addAll(more);
        command.add("-jar");
        command.add(application.resolve("quarkus-run.jar").toString());
        ProcessBuilder builder =
                new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log.toFile());
        builder.environment().putAll(environment);
        return new ExecutorProcess(builder.start(), log);
    }

    boolean isAlive() {
        return process.isAlive();
    }

    Path log() {
        return log;
    }

    /** When it took the stream last; lines of the log begin with their time. */
    Optional<String> tookStream() throws IOException {
        try (Stream<String> lines = Files.lines(log)) {
            return lines.filter(line -> line.contains(HOLDS))
                    .reduce((_, last) -> last)
                    .map(line -> line.substring(0, line.indexOf(HOLDS)));
        }
    }

    /**
     * Writes the classes it has loaded to a file that later ones start from; where that does not
     * work they start as well, and later.
     */
    void archiveClasses(Path file) throws IOException, InterruptedException {
        Process jcmd =
                new ProcessBuilder(
                                Path.of(System.getProperty("java.home"), "bin", "jcmd").toString(),
                                Long.toString(process.pid()),
                                "VM.cds",
                                "dynamic_dump",
                                file.toString())
                        .redirectErrorStream(true)
                        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                        .start();
        if (!jcmd.waitFor(ARCHIVE_SECONDS, TimeUnit.SECONDS)) {
            jcmd.destroyForcibly();
        }
    }

    /** {@code SIGKILL}. */
    void kill() {
        process.destroyForcibly().onExit().join();
        forget();
    }

    private void forget() {
        try {
            Runtime.getRuntime().removeShutdownHook(atExit);
        } catch (IllegalStateException e) {
            // The bench is ending, and the hook does the same.
            process.destroyForcibly();
        }
    }
}
