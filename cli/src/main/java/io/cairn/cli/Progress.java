package io.cairn.cli;

import java.io.PrintStream;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;

/**
 * Progress of long work on stderr: a bar that redraws itself on a terminal, a line every ten
 * seconds elsewhere. Shows the amount, the rate and the time left. Thread-safe.
 */
final class Progress implements AutoCloseable {

    private static final Duration REDRAW = Duration.ofMillis(200);
    private static final Duration LINE_EVERY = Duration.ofSeconds(10);
    private static final int WIDTH = 30;

    /** What is counted. */
    enum Unit {
        BYTES {
            @Override
            String amount(long count) {
                return Format.bytes(count);
            }

            @Override
            String rate(long count, Duration elapsed) {
                return Format.rate(count, elapsed);
            }
        },
        OBJECTS {
            @Override
            String amount(long count) {
                return Long.toString(count);
            }

            @Override
            String rate(long count, Duration elapsed) {
                return count * 1000 / Math.max(1, elapsed.toMillis()) + "/s";
            }
        };

        abstract String amount(long count);

        abstract String rate(long count, Duration elapsed);
    }

    private final PrintStream err;
    private final boolean terminal;
    private final InstantSource clock;
    private final String what;
    private final Unit unit;
    private final Instant start;
    private Instant shown;
    private boolean drawn;

    Progress(PrintStream err, boolean terminal, InstantSource clock, String what, Unit unit) {
        this.err = err;
        this.terminal = terminal;
        this.clock = clock;
        this.what = what;
        this.unit = unit;
        this.start = clock.instant();
        // A terminal is drawn at once; a line is written only for work that lasts.
        this.shown = terminal ? Instant.EPOCH : start;
    }

    static Progress onStandardError(String what) {
        return onStandardError(what, Unit.BYTES);
    }

    static Progress onStandardError(String what, Unit unit) {
        boolean terminal = System.console() != null && System.console().isTerminal();
        return new Progress(System.err, terminal, InstantSource.system(), what, unit);
    }

    /**
     * @param total 0 or less where it is not known yet
     */
    synchronized void update(long done, long total) {
        Instant now = clock.instant();
        boolean finished = total > 0 && done >= total;
        if (Duration.between(shown, now).compareTo(terminal ? REDRAW : LINE_EVERY) < 0
                && !(finished && terminal)) {
            return;
        }
        shown = now;
        String text = text(done, total, Duration.between(start, now));
        if (terminal) {
            err.print("\r\u001b[2K" + text);
            err.flush();
            drawn = true;
        } else {
            err.println(text);
        }
    }

    private String text(long done, long total, Duration elapsed) {
        String rate = unit.rate(done, elapsed);
        if (total <= 0) {
            return "%s  %s  %s".formatted(what, unit.amount(done), rate);
        }
        double share = Math.min(1, (double) done / total);
        int filled = (int) (share * WIDTH);
        String bar = "█".repeat(filled) + "░".repeat(WIDTH - filled);
        String left =
                done <= 0
                        ? ""
                        : "  "
                                + Format.duration(
                                        elapsed.multipliedBy(Math.max(0, total - done))
                                                .dividedBy(done))
                                + " left";
        return "%s  %s %3.0f %%  %s of %s  %s%s"
                .formatted(
                        what,
                        bar,
                        share * 100,
                        unit.amount(done),
                        unit.amount(total),
                        rate,
                        share < 1 ? left : "");
    }

    @Override
    public synchronized void close() {
        if (drawn) {
            err.println();
        }
    }
}
