package io.cairn.bench;

import java.util.List;
import java.util.function.ToDoubleFunction;

/** One pair: the same done by pgBackRest and then by Cairn. */
record Pair(Figures pgBackRest, Figures cairn) {

    /** One tool's part of a pair. */
    record Figures(Cost backup, Contender.BackupSize size, Cost restore) {}

    /** Cairn ÷ pgBackRest of whatever {@code figure} takes of them. */
    private double ratio(ToDoubleFunction<Figures> figure) {
        return figure.applyAsDouble(cairn) / figure.applyAsDouble(pgBackRest);
    }

    /** The median over pairs of each pair's ratio, Cairn ÷ pgBackRest. */
    static double medianRatio(List<Pair> pairs, ToDoubleFunction<Figures> figure) {
        return median(pairs.stream().mapToDouble(pair -> pair.ratio(figure)).toArray());
    }

    static double median(double[] values) {
        double[] sorted = values.clone();
        java.util.Arrays.sort(sorted);
        int middle = sorted.length / 2;
        return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }
}
