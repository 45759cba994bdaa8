package io.cairn.bench.month;

import io.cairn.bench.Folders;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.sql.SQLException;
import java.util.List;

/** Takes one guard after the other away, and sees whether the month notices. */
final class GuardRuns implements AutoCloseable {

    private final Options options;
    private final PrintStream out;
    private final Source source;

    private GuardRuns(Options options, PrintStream out, Source source) {
        this.options = options;
        this.out = out;
        this.source = source;
    }

    static GuardRuns prepare(Options options, PrintStream out) throws IOException, SQLException {
        return new GuardRuns(options, out, Source.start(options.directory().resolve("source")));
    }

    /** How many were not noticed. */
    int run(List<Guard> guards) throws Exception {
        int unnoticed = 0;
        for (Guard guard : guards) {
            List<Violation> violations = violationsWithout(guard);
            boolean noticed =
                    violations.stream()
                            .anyMatch(violation -> violation.invariant() == guard.invariant());
            out.printf(
                    "%-16s %s  %s%n",
                    guard,
                    noticed ? "noticed" : "NOT NOTICED",
                    noticed ? violations.getLast() : guard.place() + ": " + violations);
            unnoticed += noticed ? 0 : 1;
        }
        return unnoticed;
    }

    /** What the guard's script leads to without it; its steps are told only if it is nothing. */
    List<Violation> violationsWithout(Guard guard) throws Exception {
        Options script = options.without(guard);
        try (Month month =
                Month.of(source, script, new PrintStream(OutputStream.nullOutputStream()))) {
            return month.run();
        } finally {
            Folders.delete(script.directory());
        }
    }

    @Override
    public void close() {
        source.close();
    }
}
