package io.cairn.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * A run of a program that has ended.
 *
 * @param name for messages
 * @param printed to both of its outputs
 */
public record ToolRun(String name, int status, String printed) {

    /** Starts a program and waits for its end. */
    public static ToolRun of(String name, ProcessBuilder builder, Path output, Duration limit)
            throws IOException, InterruptedException {
        return of(name, builder, output, limit, limit, _ -> {});
    }

    /**
     * Starts a program and looks at it until its end. Neither it nor what it has started lives
     * longer than the call, or than this process.
     *
     * @param output a file for what it prints
     * @throws IllegalStateException if it has not ended within the limit
     */
    public static ToolRun of(
            String name,
            ProcessBuilder builder,
            Path output,
            Duration limit,
            Duration every,
            Consumer<Process> look)
            throws IOException, InterruptedException {
        Process process = builder.redirectErrorStream(true).redirectOutput(output.toFile()).start();
        Thread atExit = new Thread(() -> end(process), "end " + name);
        Runtime.getRuntime().addShutdownHook(atExit);
        try {
            long end = System.nanoTime() + limit.toNanos();
            while (!process.waitFor(every.toMillis(), TimeUnit.MILLISECONDS)) {
                look.accept(process);
                if (System.nanoTime() > end) {
                    throw new IllegalStateException(name + " did not end within " + limit);
                }
            }
        } finally {
            end(process);
            Runtime.getRuntime().removeShutdownHook(atExit);
        }
        return new ToolRun(name, process.exitValue(), Files.readString(output).strip());
    }

    private static void end(Process process) {
        process.descendants().forEach(ProcessHandle::destroyForcibly);
        process.destroyForcibly();
    }

    public boolean succeeded() {
        return status == 0;
    }

    /**
     * @throws IllegalStateException with what it printed, unless it has succeeded
     */
    public ToolRun requireSuccess() {
        if (!succeeded()) {
            throw new IllegalStateException(name + " failed: " + printed);
        }
        return this;
    }
}
