package io.cairn.bench.month;

import io.cairn.bench.Arguments;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * What the bench is asked for.
 *
 * @param directory empty; everything it makes lies below it
 * @param steps of the month
 * @param boots restored servers that are booted and compared, at least
 * @param seed of everything random
 * @param without the guard that is taken away
 * @param guards whether each guard is taken away in turn, and nothing else is done
 */
record Options(
        Path directory, int steps, int boots, long seed, Optional<Guard> without, boolean guards) {

    static final String USAGE =
            "usage: ./dev bench month [--steps 500] [--boots 25] [--seed N] [--without GUARD]\n"
                    + "       ./dev bench month --guards [--seed N]";

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
        Optional<Guard> without = Optional.empty();
        boolean guards = false;
        Arguments arguments = new Arguments(words);
        while (arguments.hasNext()) {
            switch (arguments.next()) {
                case "--dir" -> directory = arguments.path();
                case "--steps" -> steps = arguments.number();
                case "--boots" -> boots = arguments.number();
                case "--seed" -> seed = arguments.number();
                case "--without" -> without = Optional.of(guard(arguments.value()));
                case "--guards" -> guards = true;
                default -> throw arguments.unknown();
            }
        }
        Arguments.require(steps > 0, "--steps needs 1 or more");
        Options options =
                new Options(
                        Arguments.required(directory, "--dir"),
                        steps,
                        boots,
                        seed,
                        Optional.empty(),
                        guards);
        return without.map(options::without).orElse(options);
    }

    private static Guard guard(String name) {
        return Arrays.stream(Guard.values())
                .filter(guard -> guard.name().equals(name))
                .findFirst()
                .orElseThrow(() ->
                        new Arguments.Misuse(
                                "no guard '%s', but %s"
                                        .formatted(name, Arrays.toString(Guard.values()))));
    }

    /** With all guards. */
    static Options of(Path directory, int steps, int boots, long seed) {
        return new Options(directory, steps, boots, seed, Optional.empty(), false);
    }

    /** The script of a guard, which is taken away. */
    Options without(Guard guard) {
        return new Options(
                directory.resolve(guard.name().toLowerCase(Locale.ROOT)),
                guard.script().size(),
                0,
                seed,
                Optional.of(guard),
                false);
    }
}
