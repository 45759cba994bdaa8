package io.cairn.local;

import java.io.PrintStream;
import java.time.Duration;
import java.time.Instant;

/** What the person who typed the command sees: a line per step, with the time it took. */
final class Console {

    private final PrintStream out;
    private final boolean terminal;

    Console(PrintStream out, boolean terminal) {
        this.out = out;
        this.terminal = terminal;
    }

    static Console standard() {
        return new Console(System.out, Boolean.getBoolean("cairn.terminal"));
    }

    synchronized void line(String text) {
        out.println(text);
    }

    synchronized void heading(String text) {
        out.println();
        out.println(terminal ? "\u001b[1m" + text + "\u001b[0m" : text);
    }

    synchronized void done(String what, String where, Duration took) {
        out.printf(
                "  %s %-18s %-44s %5.1f s%n",
                mark("✔", "32"), what, where, took.toMillis() / 1000.0);
    }

    synchronized void failed(String what, String why) {
        out.printf("  %s %-18s %s%n", mark("✘", "31"), what, why);
    }

    /** Runs a step and says that it is done, where, and how long it took. */
    <T> T step(String what, Step<T> step) {
        Instant start = Instant.now();
        try {
            T result = step.run();
            done(what, String.valueOf(result), Duration.between(start, Instant.now()));
            return result;
        } catch (Exception e) {
            failed(what, e.getMessage() == null ? e.toString() : e.getMessage());
            throw e instanceof RuntimeException runtime
                    ? runtime
                    : new IllegalStateException(e.getMessage(), e);
        }
    }

    @FunctionalInterface
    interface Step<T> {
        /** Does the work and returns what is shown as its place: an address, a path, a count. */
        T run() throws Exception;
    }

    private String mark(String sign, String colour) {
        return terminal ? "\u001b[" + colour + "m" + sign + "\u001b[0m" : sign;
    }
}
