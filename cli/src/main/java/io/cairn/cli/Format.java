package io.cairn.cli;

import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Locale;

/** How sizes, rates and times are written for people. */
final class Format {

    private static final String[] UNITS = {"B", "kB", "MB", "GB", "TB", "PB"};

    private Format() {}

    /** Decimal units with three digits: {@code 103 MB}, {@code 1.24 GB}. */
    static String bytes(long bytes) {
        double value = bytes;
        int unit = 0;
        while (value >= 999.5 && unit < UNITS.length - 1) {
            value /= 1000;
            unit++;
        }
        int digits = unit == 0 || value >= 99.95 ? 0 : value >= 9.995 ? 1 : 2;
        return String.format(Locale.ROOT, "%." + digits + "f %s", value, UNITS[unit]);
    }

    /** {@code 850 ms}, {@code 12.4 s}, {@code 3 min 05 s}, {@code 2 h 10 min}, {@code 4 d 3 h}. */
    static String duration(Duration duration) {
        if (duration.toMillis() < 1000) {
            return duration.toMillis() + " ms";
        }
        if (duration.toSeconds() < 60) {
            return String.format(Locale.ROOT, "%.1f s", duration.toMillis() / 1000.0);
        }
        if (duration.toMinutes() < 60) {
            return String.format(
                    Locale.ROOT, "%d min %02d s", duration.toMinutes(), duration.toSecondsPart());
        }
        if (duration.toHours() < 48) {
            return String.format(
                    Locale.ROOT, "%d h %02d min", duration.toHours(), duration.toMinutesPart());
        }
        return String.format(Locale.ROOT, "%d d %d h", duration.toDays(), duration.toHoursPart());
    }

    /**
     * In the largest unit that it is a whole number of: {@code 45 s}, {@code 15 min}, {@code 2 h},
     * {@code 90 d}.
     */
    static String whole(Duration duration) {
        if (duration.isZero() || duration.toSecondsPart() != 0 || duration.toMillisPart() != 0) {
            return duration.toSeconds() + " s";
        }
        if (duration.toMinutesPart() != 0) {
            return duration.toMinutes() + " min";
        }
        return duration.toHoursPart() != 0 ? duration.toHours() + " h" : duration.toDays() + " d";
    }

    /** Far ahead, as people say it: {@code 1 day}, {@code 9 weeks}, {@code 3 months}. */
    static String ahead(Duration duration) {
        long days = Math.max(1, duration.toDays());
        if (days < 28) {
            return days + (days == 1 ? " day" : " days");
        }
        if (days < 70) {
            return days / 7 + " weeks";
        }
        return days < 2 * 365 ? Math.round(days / 30.4) + " months" : days / 365 + " years";
    }

    /** To the second: {@code 2026-11-22 02:03:11}. */
    static String utc(Instant time) {
        return time.truncatedTo(ChronoUnit.SECONDS).toString().replace('T', ' ').replace("Z", "");
    }

    static String rate(long bytes, Duration duration) {
        long nanos = Math.max(1, duration.toNanos());
        return String.format(Locale.ROOT, "%.0f MB/s", bytes * 1000.0 / nanos);
    }
}
