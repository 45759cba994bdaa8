package io.cairn.bench.backup;

import io.cairn.bench.Cost;
import java.io.PrintStream;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;

/**
 * The tables and the line for machines. Megabytes are 10⁶ bytes, seconds of a processor are those
 * of all its cores.
 *
 * @param inputBytes what both tools had to back up, the same figure for both: the files of the
 *     cluster without its WAL
 */
record Report(PrintStream out, long inputBytes) {

    void backups() {
        header("backup", "%9s %10s %7s".formatted("read", "stored", "ratio"));
    }

    void restores() {
        header("restore", "");
    }

    private void header(String what, String more) {
        out.println();
        out.printf(
                "%-10s %-10s %8s %8s %10s %10s %8s %9s %s%n",
                what,
                "",
                "seconds",
                "MB/s",
                "client CPU",
                "server CPU",
                "S3 CPU",
                "peak RSS",
                more);
    }

    void backup(String pair, String tool, Backup backup) {
        out.println(
                cost(pair, tool, backup.cost())
                        + String.format(
                                Locale.ROOT,
                                " %6.0f MB %7.1f MB %7.2f",
                                backup.size().read() / 1e6,
                                backup.size().stored() / 1e6,
                                (double) inputBytes / backup.size().stored()));
    }

    void restore(String pair, String tool, Cost cost) {
        out.println(cost(pair, tool, cost));
    }

    private String cost(String pair, String tool, Cost cost) {
        return String.format(
                Locale.ROOT,
                "%-10s %-10s %8.2f %8.1f %10.2f %10.2f %8.2f %6.0f MB",
                pair,
                tool,
                cost.seconds(),
                megabytesPerSecond(cost),
                Cost.seconds(cost.client()),
                Cost.seconds(cost.server()),
                Cost.seconds(cost.store()),
                cost.peakBytes() / 1e6);
    }

    private double megabytesPerSecond(Cost cost) {
        return inputBytes / 1e6 / cost.seconds();
    }

    void medians(List<Pair<Backup>> backups, List<Pair<Cost>> restores) {
        out.println();
        out.println(
                "medians               backup MB/s  backup CPU s     stored MB  restore MB/s restore CPU s");
        medians("pgBackRest", backups, Pair::pgBackRest, restores, Pair::pgBackRest);
        medians("Cairn", backups, Pair::cairn, restores, Pair::cairn);
    }

    private void medians(
            String tool,
            List<Pair<Backup>> backups,
            Function<Pair<Backup>, Backup> backup,
            List<Pair<Cost>> restores,
            Function<Pair<Cost>, Cost> restore) {
        out.printf(
                Locale.ROOT,
                "%-10s %-10s %11.1f %13.2f %13.1f %13.1f %13.2f%n",
                "",
                tool,
                Pair.median(backups, backup, it -> megabytesPerSecond(it.cost())),
                Pair.median(backups, backup, it -> it.cost().cpuSeconds()),
                Pair.median(backups, backup, it -> it.size().stored() / 1e6),
                Pair.median(restores, restore, this::megabytesPerSecond),
                Pair.median(restores, restore, Cost::cpuSeconds));
    }

    /** Medians of the pairs' ratios, Cairn ÷ pgBackRest. */
    void result(List<Pair<Backup>> backups, List<Pair<Cost>> restores) {
        out.println();
        out.printf(
                Locale.ROOT,
                "RESULT backup_throughput_ratio=%.2f backup_cpu_ratio=%.2f restore_throughput_ratio=%.2f output_size_ratio=%.3f%n",
                Pair.medianRatio(backups, it -> 1 / it.cost().seconds()),
                Pair.medianRatio(backups, it -> it.cost().cpuSeconds()),
                Pair.medianRatio(restores, it -> 1 / it.seconds()),
                Pair.medianRatio(backups, it -> it.size().stored()));
    }
}
