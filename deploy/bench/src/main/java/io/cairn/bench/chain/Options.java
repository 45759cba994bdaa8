package io.cairn.bench.chain;

import io.cairn.bench.Arguments;
import java.nio.file.Path;
import java.util.List;

/**
 * What the command line says.
 *
 * @param clusterBytes least size of the cluster when the full is taken, 64 MB to 1 TB, default 500
 *     MB
 * @param incrementals on top of the full, 1 to 24, default 6
 * @param rounds measured rounds, 1 to 99, default 3; one more comes first and is discarded
 * @param directory for everything the bench makes; empty
 */
record Options(long clusterBytes, int incrementals, int rounds, Path directory) {

    static final String USAGE =
            "usage: ./dev bench chain [--size 500MB] [--incrementals 6] [--rounds 3]";

    Options {
        Arguments.require(
                clusterBytes >= 64_000_000L && clusterBytes <= 1_000_000_000_000L,
                "--size must be 64MB to 1000GB");
        Arguments.require(
                incrementals >= 1 && incrementals <= 24, "--incrementals must be 1 to 24");
        Arguments.require(rounds >= 1 && rounds <= 99, "--rounds must be 1 to 99");
    }

    static Options parse(List<String> words) {
        long bytes = 500_000_000L;
        int incrementals = 6;
        int rounds = 3;
        Path directory = null;
        Arguments arguments = new Arguments(words);
        while (arguments.hasNext()) {
            switch (arguments.next()) {
                case "--size" -> bytes = arguments.size();
                case "--incrementals" -> incrementals = arguments.number();
                case "--rounds" -> rounds = arguments.number();
                case "--dir" -> directory = arguments.path();
                default -> throw arguments.unknown();
            }
        }
        return new Options(bytes, incrementals, rounds, Arguments.required(directory, "--dir"));
    }
}
