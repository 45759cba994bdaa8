package io.cairn.config;

import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** How the configuration writes durations and sizes: a whole number and a unit. */
final class Units {

    private static final Pattern NUMBER_AND_UNIT = Pattern.compile("(\\d{1,15})\\s*([A-Za-z]+)");

    private Units() {}

    static Duration duration(String text) {
        Matcher matcher = match(text, "a duration like 30s, 15m, 6h or 90d");
        long number = Long.parseLong(matcher.group(1));
        return switch (matcher.group(2)) {
            case "ms" -> Duration.ofMillis(number);
            case "s" -> Duration.ofSeconds(number);
            case "m" -> Duration.of(number, ChronoUnit.MINUTES);
            case "h" -> Duration.of(number, ChronoUnit.HOURS);
            case "d" -> Duration.of(number, ChronoUnit.DAYS);
            default -> throw wrong(text, "a duration like 30s, 15m, 6h or 90d");
        };
    }

    /** Powers of 1024 only; a unit that some read as a power of 1000 is refused. */
    static long size(String text) {
        Matcher matcher = match(text, "a size like 512KiB, 64MiB or 1GiB");
        long number = Long.parseLong(matcher.group(1));
        int shift =
                switch (matcher.group(2)) {
                    case "B" -> 0;
                    case "KiB" -> 10;
                    case "MiB" -> 20;
                    case "GiB" -> 30;
                    case "TiB" -> 40;
                    default -> throw wrong(text, "a size like 512KiB, 64MiB or 1GiB");
                };
        if (number > Long.MAX_VALUE >> shift) {
            throw wrong(text, "a size that fits 63 bits");
        }
        return number << shift;
    }

    private static Matcher match(String text, String expected) {
        Matcher matcher = NUMBER_AND_UNIT.matcher(text);
        if (!matcher.matches()) {
            throw wrong(text, expected);
        }
        return matcher;
    }

    private static IllegalArgumentException wrong(String text, String expected) {
        return new IllegalArgumentException("'" + text + "' is not " + expected);
    }
}
