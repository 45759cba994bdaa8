package io.cairn.bench.month;

import io.cairn.bench.Arguments;
import java.nio.file.Path;
import java.util.List;

/**
 * What the bench is asked for.
 *
 * @param directory empty; everything it makes lies below it
 * @param steps of the month
 * @param boots restored servers that are booted and compared, at least
 * @param seed of everything random
 */
record Options(Path directory, int steps, int boots, long seed) {

    static final String USAGE = "usage: ./dev bench month [--steps 500] [--boots 25] [--seed N]";

    private static final int STEPS = 500;
    private static final int BOOTS = 25;
    private static final int SEEDS = 1_000_000;

    /**
     * @throws Arguments.Misuse what cannot be understood
     */
    static Options parse(List<String> words) {
        Path directory = null;
        int steps = STEPS;
        int boots = BOOTS;
        int seed = (int) (System.nanoTime() % SEEDS);
        Arguments arguments = new Arguments(words);
        while (arguments.hasNext()) {
            switch (arguments.next()) {
                case "--dir" -> directory = arguments.path();
                case "--steps" -> steps = arguments.number();
                case "--boots" -> boots = arguments.number();
                case "--seed" -> seed = arguments.number();
                default -> throw arguments.unknown();
            }
        }
        Arguments.require(steps > 0, "--steps needs 1 or more");
        return new Options(Arguments.required(directory, "--dir"), steps, boots, seed);
    }
}
