package io.cairn.bench.month;

import io.cairn.bench.Bench;
import io.cairn.bench.Machine;
import io.cairn.restore.mutation.MutationScore;
import java.io.PrintStream;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Locale;

/**
 * Whether copies survive: a month in simulated time with outages, split views, rotations, changed
 * policies and corruptions, and after every step whether what is listed restores.
 *
 * <p>Exit codes: 0 nothing violated, 1 something violated or failed, 2 misuse. Without a guard
 * something has to be violated, which is 1 too; that all guards' absence was noticed is 0.
 */
final class MonthBench {

    private static final int FLIPS = 3;

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
        return options.guards() ? guards(options, out) : month(options, out);
    }

    private static int guards(Options options, PrintStream out) throws Exception {
        List<Guard> guards = List.of(Guard.values());
        try (GuardRuns runs = GuardRuns.prepare(options, out)) {
            int unnoticed = runs.run(guards);
            out.printf(
                    "RESULT month_guards=%d month_guards_unnoticed=%d%n", guards.size(), unnoticed);
            return unnoticed == 0 ? Bench.MEASURED : Bench.FAILED;
        }
    }

    private static int month(Options options, PrintStream out) throws Exception {
        try (Month month = Month.prepare(options, out)) {
            List<Violation> violations = month.run();
            out.println(month.proofs());
            if (options.without().isPresent()) {
                return violations.isEmpty() ? Bench.MEASURED : Bench.FAILED;
            }
            MutationScore score = month.validatorScore(FLIPS);
            score.missed().forEach(missed -> out.println("the validator missed: " + missed));
            out.println(
                    String.format(
                            Locale.ROOT,
                            "RESULT month_steps=%d month_violations=%d validator_mutation_score=%.4f"
                                    + " replication_lag_seconds_p99=%.1f month_boots=%d month_restores=%d"
                                    + " validator_mutations=%d replication_lag_seconds_longest=%.0f",
                            month.steps(),
                            violations.size(),
                            score.value(),
                            month.copies().lagOf99Percent().toMillis() / 1e3,
                            month.boots(),
                            month.restores(),
                            score.total(),
                            month.copies().longest().toMillis() / 1e3));
            boolean proven =
                    violations.isEmpty() && score.value() == 1 && month.boots() >= options.boots();
            return proven ? Bench.MEASURED : Bench.FAILED;
        }
    }
}
