package io.cairn.testing;

import io.cairn.model.error.CairnException;
import io.cairn.model.error.ErrorCode;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.OptionalInt;
import java.util.concurrent.TimeUnit;

/** A child process of this JVM. */
final class LocalProcess implements ServerProcess {

    private final Process process;
    private final StartupArchive archive;
    private final Thread atExit;

    private LocalProcess(String name, Process process, StartupArchive archive) {
        this.process = process;
        this.archive = archive;
        this.atExit = new Thread(process::destroyForcibly, "end " + name);
        Runtime.getRuntime().addShutdownHook(atExit);
    }

    /** The {@code java} of this JVM. */
    static String java() {
        return Path.of(System.getProperty("java.home"), "bin", "java").toString();
    }

    /**
     * Starts the command without waiting.
     *
     * @param archive that it was started with
     */
    static LocalProcess launch(
            String name, List<String> command, JavaServer.Run run, StartupArchive archive) {
        ProcessBuilder builder =
                new ProcessBuilder(command)
                        .redirectErrorStream(true)
                        .redirectOutput(ProcessBuilder.Redirect.appendTo(run.log().toFile()));
        builder.environment().putAll(run.environment());
        try {
            return new LocalProcess(name, builder.start(), archive);
        } catch (IOException e) {
            throw new CairnException(
                    ErrorCode.SERVICE_UNREACHABLE, "cannot start " + name, "see the cause", e);
        }
    }

    @Override
    public long pid() {
        return process.pid();
    }

    @Override
    public boolean isAlive() {
        return process.isAlive();
    }

    @Override
    public OptionalInt awaitExit(Duration limit) throws InterruptedException {
        return process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS)
                ? OptionalInt.of(process.exitValue())
                : OptionalInt.empty();
    }

    @Override
    public void stop() {
        process.destroy();
        if (ends()) {
            archive.keep();
        } else {
            process.destroyForcibly();
            ends();
        }
        forget();
    }

    @Override
    public boolean leavesAnArchive() {
        return archive.isMaking();
    }

    @Override
    public void kill() {
        process.destroyForcibly();
        ends();
        forget();
    }

    @Override
    public void suspend() {
        TestProcesses.suspend(pid());
    }

    @Override
    public void resume() {
        TestProcesses.resume(pid());
    }

    private boolean ends() {
        try {
            return awaitExit(STOP).isPresent();
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
