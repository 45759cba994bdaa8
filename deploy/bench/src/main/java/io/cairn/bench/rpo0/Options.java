package io.cairn.bench.rpo0;

import io.cairn.bench.Arguments;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/**
 * What the bench is asked for.
 *
 * @param directory empty; everything it makes lies below it
 * @param rounds at most
 * @param limit after which no further round is begun
 * @param seed of everything random, save what the machine decides
 * @param plantedBug whether the stores answer a PUT before they have it
 * @param keep whether the directory stays after a loss or failure
 */
record Options(
        Path directory, int rounds, Duration limit, long seed, boolean plantedBug, boolean keep) {

    static final String USAGE =
            "usage: ./dev bench rpo0 [--rounds 200] [--minutes 40] [--seed N] [--planted-bug] [--keep]";

    private static final int ROUNDS = 200;
    private static final int ROUNDS_OF_THE_BUG = 20;
    private static final int MINUTES = 40;

    private static final int SEEDS = 1_000_000;

    /**
     * @throws Arguments.Misuse what cannot be understood
     */
    static Options parse(List<String> words) {
        Path directory = null;
        int rounds = 0;
        int minutes = MINUTES;
        int seed = (int) (System.nanoTime() % SEEDS);
        boolean plantedBug = false;
        boolean keep = false;
        Arguments arguments = new Arguments(words);
        while (arguments.hasNext()) {
            switch (arguments.next()) {
                case "--dir" -> directory = arguments.path();
                case "--rounds" -> rounds = positive(arguments);
                case "--minutes" -> minutes = positive(arguments);
                case "--seed" -> seed = arguments.number();
                case "--planted-bug" -> plantedBug = true;
                case "--keep" -> keep = true;
                default -> throw arguments.unknown();
            }
        }
        if (rounds == 0) {
            rounds = plantedBug ? ROUNDS_OF_THE_BUG : ROUNDS;
        }
        return new Options(
                Arguments.required(directory, "--dir"),
                rounds,
                Duration.ofMinutes(minutes),
                seed,
                plantedBug,
                keep);
    }

    private static int positive(Arguments arguments) {
        int number = arguments.number();
        Arguments.require(number > 0, "--rounds and --minutes need 1 or more");
        return number;
    }
}
