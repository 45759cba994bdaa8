package io.cairn.model.policy;

import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * How long a restore will take as a cluster grows: what it took now, in proportion to a line
 * through the sizes of its full backups.
 *
 * @param at {@link #AHEAD} on
 * @param rto expected then; no less than now's where the cluster does not grow
 * @param objectivePassedAt when the objective will be passed, if it grows, and within {@link
 *     #HORIZON}; now if it is passed already
 */
public record RtoForecast(Instant at, Duration rto, Optional<Instant> objectivePassedAt) {

    /** How far back sizes count. */
    public static final Duration WINDOW = Duration.ofDays(30);

    public static final Duration AHEAD = Duration.ofDays(30);
    public static final Duration HORIZON = Duration.ofDays(3650);

    /** A day's change says little of a month's. */
    private static final Duration SPAN_MIN = Duration.ofDays(2);

    private static final double SECONDS_OF_DAY = Duration.ofDays(1).toSeconds();

    /** A full backup's size when it was taken. */
    public record Size(Instant at, long bytes) {}

    /**
     * @param rto what the last drill took
     * @param objective what the tier promises
     * @param fulls of the last {@link #WINDOW}, in any order
     * @return empty if they do not reach over two days
     */
    public static Optional<RtoForecast> of(
            Instant now, Duration rto, Duration objective, List<Size> fulls) {
        List<Size> sizes =
                fulls.stream()
                        .filter(size -> !size.at().isBefore(now.minus(WINDOW)))
                        .sorted(Comparator.comparing(Size::at))
                        .toList();
        if (sizes.isEmpty() || span(sizes).compareTo(SPAN_MIN) < 0) {
            return Optional.empty();
        }
        double growth = Math.max(0, growthPerDay(sizes, now));
        Duration then = scaled(rto, 1 + growth * AHEAD.toDays());
        return Optional.of(
                new RtoForecast(now.plus(AHEAD), then, passed(now, rto, objective, growth)));
    }

    private static Duration span(List<Size> sizes) {
        return Duration.between(sizes.getFirst().at(), sizes.getLast().at());
    }

    /** As a part of the size that the line has now: least squares. */
    private static double growthPerDay(List<Size> sizes, Instant now) {
        double days = sizes.stream().mapToDouble(size -> days(now, size)).average().orElseThrow();
        double bytes = sizes.stream().mapToDouble(Size::bytes).average().orElseThrow();
        double above = 0;
        double below = 0;
        for (Size size : sizes) {
            double x = days(now, size) - days;
            above += x * (size.bytes() - bytes);
            below += x * x;
        }
        double slope = above / below;
        double today = bytes - slope * days;
        return today > 0 ? slope / today : 0;
    }

    private static double days(Instant now, Size size) {
        return Duration.between(now, size.at()).toSeconds() / SECONDS_OF_DAY;
    }

    private static Optional<Instant> passed(
            Instant now, Duration rto, Duration objective, double growth) {
        if (rto.compareTo(objective) > 0) {
            return Optional.of(now);
        }
        double left = (double) objective.toMillis() / Math.max(1, rto.toMillis()) - 1;
        if (growth * HORIZON.toDays() < left || growth == 0) {
            return Optional.empty();
        }
        return Optional.of(now.plusSeconds((long) (left / growth * SECONDS_OF_DAY)));
    }

    private static Duration scaled(Duration duration, double by) {
        return Duration.ofMillis((long) (duration.toMillis() * by));
    }
}
