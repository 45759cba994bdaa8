package io.cairn.local;

import java.io.PrintStream;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashSet;
import java.util.Set;

/** What the person who typed the command sees: a line per step, with the time it took. */
final class Console {

    /** A status that were wrapped could not be replaced. */
    private static final int WIDTH = 76;

    private static final String CLEAR = "\r\u001b[2K";

    private final PrintStream out;
    private final PrintStream err;
    private final boolean terminal;
    private final Set<String> underway = new LinkedHashSet<>();
    private boolean statusShown;
    private volatile boolean stopping;

    Console(PrintStream out, PrintStream err, boolean terminal) {
        this.out = out;
        this.err = err;
        this.terminal = terminal;
    }

    static Console standard() {
        return new Console(System.out, System.err, Boolean.getBoolean("cairn.terminal"));
    }

    /** From here on a step that fails was ended on purpose, and is not shown. */
    void stopping() {
        stopping = true;
        heading("Stopping");
    }

    /** Whether {@link #status} is seen. */
    boolean isTerminal() {
        return terminal;
    }

    /** One line at the end that the next output replaces; on a terminal only. */
    synchronized void status(String text) {
        if (terminal) {
            out.print(CLEAR + "  " + text.substring(0, Math.min(text.length(), WIDTH)));
            out.flush();
            statusShown = true;
        }
    }

    private void clearStatus() {
        if (statusShown) {
            out.print(CLEAR);
            statusShown = false;
        }
    }

    synchronized void line(String text) {
        clearStatus();
        out.println(text);
    }

    /** Why the command fails. */
    synchronized void error(String text) {
        clearStatus();
        out.flush();
        err.println(text);
    }

    synchronized void heading(String text) {
        clearStatus();
        out.println();
        out.println(terminal ? "\u001b[1m" + text + "\u001b[0m" : text);
    }

    synchronized void done(String what, String where, Duration took) {
        clearStatus();
        out.printf(
                "  %s %-18s %-44s %5.1f s%n",
                mark("✔", "32"), what, where, took.toMillis() / 1000.0);
        showUnderway();
    }

    synchronized void failed(String what, String why) {
        clearStatus();
        out.printf("  %s %-18s %s%n", mark("✘", "31"), what, why);
    }

    /** Runs a step and says that it is done, where, and how long it took. */
    <T> T step(String what, Step<T> step) {
        Instant start = Instant.now();
        begin(what);
        try {
            T result = step.run();
            end(what);
            done(what, String.valueOf(result), Duration.between(start, Instant.now()));
            return result;
        } catch (Exception e) {
            end(what);
            if (!stopping) {
                failed(what, e.getMessage() == null ? e.toString() : e.getMessage());
            }
            throw e instanceof RuntimeException runtime
                    ? runtime
                    : new IllegalStateException(e.getMessage(), e);
        }
    }

    private synchronized void begin(String what) {
        underway.add(what);
        showUnderway();
    }

    private void showUnderway() {
        if (!underway.isEmpty()) {
            status("… " + String.join(", ", underway));
        }
    }

    private synchronized void end(String what) {
        underway.remove(what);
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
