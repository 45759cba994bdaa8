package io.cairn.bench.backup;

import io.cairn.bench.Medians;
import java.util.List;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;

/** The same done by pgBackRest and then by Cairn, with what it came to. */
record Pair<F>(F pgBackRest, F cairn) {

    /** The median over pairs of each pair's ratio, Cairn ÷ pgBackRest. */
    static <F> double medianRatio(List<Pair<F>> pairs, ToDoubleFunction<F> figure) {
        return Medians.of(
                pairs.stream()
                        .mapToDouble(pair ->
                                figure.applyAsDouble(pair.cairn())
                                        / figure.applyAsDouble(pair.pgBackRest()))
                        .toArray());
    }

    /** The median of one tool's figures. */
    static <F> double median(
            List<Pair<F>> pairs, Function<Pair<F>, F> tool, ToDoubleFunction<F> figure) {
        return Medians.of(pairs.stream().map(tool).mapToDouble(figure).toArray());
    }
}
