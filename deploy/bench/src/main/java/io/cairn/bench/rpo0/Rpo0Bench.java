package io.cairn.bench.rpo0;

import io.cairn.bench.Bench;
import io.cairn.bench.Machine;
import io.cairn.model.error.CairnException;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.time.LocalDate;
import java.time.ZoneOffset;

/**
 * Whether RPO 0 holds at length: writers commit numbered rows, executor, S3 server or PostgreSQL is
 * killed at a random moment, and what a restore from the bucket has is compared with what was
 * acknowledged; round after round, and at the end with a region gone for good.
 *
 * <p>Exit codes: 0 nothing lost, 1 something lost or failed, 2 misuse, 3 a planted bug that was not
 * found.
 */
final class Rpo0Bench {

    private Rpo0Bench() {}

    public static void main(String[] arguments) {
        Bench.exit(Options.USAGE, arguments, (words, out) -> run(Options.parse(words), out));
    }

    private static int run(Options options, PrintStream out) throws Exception {
        out.println(
                "RPO 0, "
                        + LocalDate.now(ZoneOffset.UTC)
                        + ", seed "
                        + options.seed()
                        + (options.plantedBug()
                                ? "; PLANTED BUG: the stores answer before they have the object"
                                : ""));
        out.println("machine     " + Machine.describe() + "; load " + Machine.load());
        Tally tally = new Tally();
        int status = run(options, tally, out);
        if (status != 0 && options.keep()) {
            keep(options, out);
        }
        out.println(tally.kills() + "; load " + Machine.load());
        out.println(tally.result());
        return status;
    }

    private static int run(Options options, Tally tally, PrintStream out) {
        try (Rounds rounds = Rounds.prepare(options, tally, out)) {
            rounds.run();
        } catch (Exception e) {
            // The rounds until then count. Whoever runs this works on Cairn: the trace is what
            // they need.
            out.println(
                    "FAILED in round "
                            + (tally.rounds() + 1)
                            + (e instanceof CairnException known
                                    ? ": " + known.messageWithHint()
                                    : ""));
            e.printStackTrace(out);
            return Bench.FAILED;
        }
        if (tally.lost() > 0) {
            return Bench.FAILED;
        }
        return options.plantedBug() ? Bench.NO_CLAIM : Bench.MEASURED;
    }

    /** Tells {@code deploy/bench/run} to leave everything where it is. */
    private static void keep(Options options, PrintStream out) throws IOException {
        Files.writeString(options.directory().resolve("keep"), "");
        out.println("kept in " + options.directory());
    }
}
