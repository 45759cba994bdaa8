package io.cairn.bench;

import java.nio.file.Path;
import java.util.Iterator;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

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

    private static final Pattern SIZE = Pattern.compile("(\\d+(?:\\.\\d+)?)(MB|GB)");

    /** Why the command line cannot be understood. */
    static final class Misuse extends RuntimeException {
        Misuse(String message) {
            super(message);
        }
    }

    Options {
        require(
                clusterBytes >= 64_000_000L && clusterBytes <= 1_000_000_000_000L,
                "--size must be 64MB to 1000GB");
        require(pairs >= 1 && pairs <= 99, "--pairs must be 1 to 99");
        require(level >= 6 && level <= 9, "--level must be 6 to 9");
    }

    static Options parse(List<String> arguments) {
        long bytes = 1_200_000_000L;
        int pairs = 5;
        int level = 6;
        boolean bundle = false;
        Path directory = null;
        for (Iterator<String> words = arguments.iterator(); words.hasNext(); ) {
            String option = words.next();
            switch (option) {
                case "--size" -> bytes = size(value(option, words));
                case "--pairs" -> pairs = number(option, value(option, words));
                case "--level" -> level = number(option, value(option, words));
                case "--bundle" -> bundle = true;
                case "--dir" -> directory = Path.of(value(option, words)).toAbsolutePath();
                default -> throw new Misuse("no option '" + option + "'");
            }
        }
        if (directory == null) {
            throw new Misuse("--dir is missing");
        }
        return new Options(bytes, pairs, level, bundle, directory);
    }

    private static String value(String option, Iterator<String> words) {
        require(words.hasNext(), option + " needs a value");
        return words.next();
    }

    private static int number(String option, String value) {
        require(value.matches("\\d{1,3}"), option + " needs a number, not '" + value + "'");
        return Integer.parseInt(value);
    }

    private static long size(String value) {
        Matcher matcher = SIZE.matcher(value);
        require(
                matcher.matches(),
                "--size needs a size such as 1.2GB or 200MB, not '" + value + "'");
        return (long)
                (Double.parseDouble(matcher.group(1))
                        * (matcher.group(2).equals("GB") ? 1e9 : 1e6));
    }

    private static void require(boolean condition, String message) {
        if (!condition) {
            throw new Misuse(message);
        }
    }
}
