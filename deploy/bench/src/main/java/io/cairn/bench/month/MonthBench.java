package io.cairn.bench.month;

import io.cairn.bench.Bench;
import io.cairn.bench.Machine;
import java.io.PrintStream;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Locale;

/**
 * Whether copies survive: a month in simulated time with outages, split views, rotations, changed
 * policies and corruptions, and after every step whether what is listed restores.
 *
 * <p>Exit codes: 0 nothing violated, 1 something violated or failed, 2 misuse.
 */
final class MonthBench {

    private MonthBench() {}

    public static void main(String[] arguments) {
        Bench.exit(Options.USAGE, arguments, (words, out) -> run(Options.parse(words), out));
    }

    static int run(Options options, PrintStream out) throws Exception {
        out.println(
                "a month, "
                        + LocalDate.now(ZoneOffset.UTC)
                        + ", seed "
                        + options.seed()
                        + ", "
                        + options.steps()
                        + " steps");
        out.println("machine     " + Machine.describe() + "; load " + Machine.load());
        try (Month month = Month.prepare(options, out)) {
            List<String> violations = month.run();
            out.println(month.proofs());
            out.println(
                    String.format(
                            Locale.ROOT,
                            "RESULT month_steps=%d month_violations=%d replication_lag_seconds_p99=%.1f",
                            month.steps(),
                            violations.size(),
                            month.lagOf99Percent().toMillis() / 1e3));
            return violations.isEmpty() ? Bench.MEASURED : Bench.FAILED;
        }
    }
}
