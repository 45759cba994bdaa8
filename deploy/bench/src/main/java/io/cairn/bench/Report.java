package io.cairn.bench;

import io.cairn.bench.Pair.Figures;
import java.io.PrintStream;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;

/**
 * The tables and the line for machines. Megabytes are 10⁶ bytes.
 *
 * @param inputBytes what both tools had to back up, the same figure for both: the files of the cluster without its WAL
 */
record Report(PrintStream out, long inputBytes) {

    private static final String HEADER = "%-10s %-10s %8s %8s %10s %10s %8s %9s".formatted(
            "", "", "seconds", "MB/s", "client CPU", "server CPU", "S3 CPU", "peak RSS");

    void begin() {
        out.println();
        out.println("backup" + HEADER.substring(6) + " %9s %9s %6s".formatted("read", "stored", "ratio"));
    }

    void line(String pair, String tool, Figures figures) {
        out.println(cost(pair, tool, figures.backup())
                + " %6.0f MB %6.1f MB %6.2f".formatted(
                        figures.size().read() / 1e6,
                        figures.size().stored() / 1e6,
                        (double) inputBytes / figures.size().stored()));
        out.println(cost("", "  restore", figures.restore()));
    }

    private String cost(String pair, String what, Cost cost) {
        return String.format(
                Locale.ROOT,
                "%-10s %-10s %8.2f %8.1f %10.2f %10.2f %8.2f %6.0f MB",
                pair,
                what,
                cost.seconds(),
                inputBytes / 1e6 / cost.seconds(),
                Cost.seconds(cost.client()),
                Cost.seconds(cost.server()),
                Cost.seconds(cost.store()),
                cost.peakBytes() / 1e6);
    }

    void medians(List<Pair> pairs) {
        out.println();
        out.printf(
                Locale.ROOT,
                "%-10s %-10s %12s %12s %12s %12s %12s%n",
                "medians", "", "backup MB/s", "backup CPU s", "stored MB", "restore MB/s", "restore CPU s");
        medians("pgBackRest", pairs, Pair::pgBackRest);
        medians("Cairn", pairs, Pair::cairn);
    }

    private void medians(String tool, List<Pair> pairs, Function<Pair, Figures> of) {
        out.printf(
                Locale.ROOT,
                "%-10s %-10s %12.1f %12.2f %12.1f %12.1f %12.2f%n",
                "",
                tool,
                median(pairs, of, figures -> inputBytes / 1e6 / figures.backup().seconds()),
                median(pairs, of, figures -> figures.backup().cpuSeconds()),
                median(pairs, of, figures -> figures.size().stored() / 1e6),
                median(pairs, of, figures -> inputBytes / 1e6 / figures.restore().seconds()),
                median(pairs, of, figures -> figures.restore().cpuSeconds()));
    }

    private static double median(List<Pair> pairs, Function<Pair, Figures> of, ToDoubleFunction<Figures> figure) {
        return Pair.median(pairs.stream().map(of).mapToDouble(figure).toArray());
    }

    /** Medians of the pairs' ratios, Cairn ÷ pgBackRest. */
    void result(List<Pair> pairs) {
        out.println();
        out.printf(
                Locale.ROOT,
                "RESULT backup_throughput_ratio=%.2f backup_cpu_ratio=%.2f restore_throughput_ratio=%.2f output_size_ratio=%.3f%n",
                Pair.medianRatio(pairs, figures -> 1 / figures.backup().seconds()),
                Pair.medianRatio(pairs, figures -> figures.backup().cpuSeconds()),
                Pair.medianRatio(pairs, figures -> 1 / figures.restore().seconds()),
                Pair.medianRatio(pairs, figures -> figures.size().stored()));
    }
}
