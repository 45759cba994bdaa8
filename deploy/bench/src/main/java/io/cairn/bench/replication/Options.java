package io.cairn.bench.replication;

import io.cairn.bench.Arguments;
import java.nio.file.Path;
import java.util.List;

/**
 * What the bench is asked for.
 *
 * @param directory empty; everything it makes lies below it
 * @param backupBytes of all volumes together
 * @param seconds for how long WAL is stored
 * @param walRate bytes of WAL in a second, as the server writes it
 */
record Options(Path directory, long backupBytes, int seconds, long walRate) {

    static final String USAGE =
            "usage: ./dev bench replication [--size 1GB] [--seconds 30] [--wal-rate 40MB]";

    /**
     * @throws Arguments.Misuse what cannot be understood
     */
    static Options parse(List<String> words) {
        Path directory = null;
        long backupBytes = 1_000_000_000;
        int seconds = 30;
        long walRate = 40_000_000;
        Arguments arguments = new Arguments(words);
        while (arguments.hasNext()) {
            switch (arguments.next()) {
                case "--dir" -> directory = arguments.path();
                case "--size" -> backupBytes = arguments.size();
                case "--seconds" -> seconds = arguments.number();
                case "--wal-rate" -> walRate = arguments.size();
                default -> throw arguments.unknown();
            }
        }
        Arguments.require(
                backupBytes >= 1_000_000 && walRate >= 1_000_000 && seconds > 0,
                "--size and --wal-rate need 1MB or more, --seconds 1 or more");
        return new Options(Arguments.required(directory, "--dir"), backupBytes, seconds, walRate);
    }
}
