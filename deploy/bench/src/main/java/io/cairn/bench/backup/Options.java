package io.cairn.bench.backup;

import io.cairn.bench.Arguments;
import java.nio.file.Path;
import java.util.List;

/**
 * What the command line says.
 *
 * @param clusterBytes least size of the cluster, 64 MB to 1 TB, default 1.2 GB
 * @param pairs measured pairs, 1 to 99, default 5; one more comes first and is discarded
 * @param level gzip level of both, 6 to 9, default 6
 * @param bundle whether pgBackRest packs small files together ({@code --repo1-bundle}), which it
 *     does not by default
 * @param directory for everything the bench makes; empty
 */
record Options(long clusterBytes, int pairs, int level, boolean bundle, Path directory) {

    static final String USAGE =
            "usage: ./dev bench backup [--size 1.2GB] [--pairs 5] [--level 6] [--bundle] [--dir DIRECTORY]";

    Options {
        Arguments.require(
                clusterBytes >= 64_000_000L && clusterBytes <= 1_000_000_000_000L,
                "--size must be 64MB to 1000GB");
        Arguments.require(pairs >= 1 && pairs <= 99, "--pairs must be 1 to 99");
        Arguments.require(level >= 6 && level <= 9, "--level must be 6 to 9");
    }

    static Options parse(List<String> words) {
        long bytes = 1_200_000_000L;
        int pairs = 5;
        int level = 6;
        boolean bundle = false;
        Path directory = null;
        Arguments arguments = new Arguments(words);
        while (arguments.hasNext()) {
            switch (arguments.next()) {
                case "--size" -> bytes = arguments.size();
                case "--pairs" -> pairs = arguments.number();
                case "--level" -> level = arguments.number();
                case "--bundle" -> bundle = true;
                case "--dir" -> directory = arguments.path();
                default -> throw arguments.unknown();
            }
        }
        return new Options(bytes, pairs, level, bundle, Arguments.required(directory, "--dir"));
    }
}
