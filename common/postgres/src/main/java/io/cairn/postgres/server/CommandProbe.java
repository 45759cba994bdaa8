package io.cairn.postgres.server;

import java.io.IOException;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Finds out whether this machine lets a program do something, by having it done. */
final class CommandProbe {

    private static final long TIMEOUT_SECONDS = 10;

    private CommandProbe() {}

    /** Whether the command ends well; where there is no such program, it does not. */
    static boolean works(List<String> command) {
        Process process;
        try {
            process = new ProcessBuilder(command).redirectErrorStream(true).start();
        } catch (IOException e) {
            return false;
        }
        try {
            return process.waitFor(TIMEOUT_SECONDS, TimeUnit.SECONDS) && process.exitValue() == 0;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        } finally {
            process.destroyForcibly();
        }
    }
}
