package io.cairn.bench.wal;

import io.cairn.bench.Arguments;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/**
 * What the command line says.
 *
 * @param walBytes of WAL that is archived and replayed, 64 MB to 100 GB, default 1 GB
 * @param rounds measured rounds, 1 to 99, default 3; one more comes first and is discarded
 * @param seconds that each rate of commits is measured, 1 to 600, default 5
 * @param parts what is measured; the result is told when it is everything
 * @param directory for everything the bench makes; empty
 */
record Options(long walBytes, int rounds, int seconds, Set<Part> parts, Path directory) {

    static final String USAGE =
            "usage: ./dev bench wal [--size 1GB] [--rounds 3] [--seconds 5] [--only archive|replay|commits]";

    /** What can be measured alone. */
    enum Part {
        ARCHIVE,
        REPLAY,
        COMMITS;

        static Part parse(String name) {
            return switch (name) {
                case "archive" -> ARCHIVE;
                case "replay" -> REPLAY;
                case "commits" -> COMMITS;
                default ->
                        throw new Arguments.Misuse(
                                "--only needs archive, replay or commits, not '" + name + "'");
            };
        }
    }

    Options {
        Arguments.require(
                walBytes >= 64_000_000L && walBytes <= 100_000_000_000L,
                "--size must be 64MB to 100GB");
        Arguments.require(rounds >= 1 && rounds <= 99, "--rounds must be 1 to 99");
        Arguments.require(seconds >= 1 && seconds <= 600, "--seconds must be 1 to 600");
    }

    static Options parse(List<String> words) {
        long bytes = 1_000_000_000L;
        int rounds = 3;
        int seconds = 5;
        Set<Part> parts = EnumSet.noneOf(Part.class);
        Path directory = null;
        Arguments arguments = new Arguments(words);
        while (arguments.hasNext()) {
            switch (arguments.next()) {
                case "--size" -> bytes = arguments.size();
                case "--rounds" -> rounds = arguments.number();
                case "--seconds" -> seconds = arguments.number();
                case "--only" -> parts.add(Part.parse(arguments.value()));
                case "--dir" -> directory = arguments.path();
                default -> throw arguments.unknown();
            }
        }
        return new Options(
                bytes,
                rounds,
                seconds,
                parts.isEmpty() ? EnumSet.allOf(Part.class) : parts,
                Arguments.required(directory, "--dir"));
    }

    boolean wants(Part part) {
        return parts.contains(part);
    }
}
