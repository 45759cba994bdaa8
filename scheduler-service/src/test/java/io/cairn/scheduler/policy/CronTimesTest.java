package io.cairn.scheduler.policy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cairn.model.error.CairnException;
import io.cairn.model.error.ErrorCode;
import java.time.DayOfWeek;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import java.util.stream.Stream;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.LongRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CronTimesTest {

    private static final int ALL = 1_000_000;

    /** An expression, and what it means in words of our own. */
    private record Meaning(String cron, Predicate<ZonedDateTime> due) {}

    /** The requirement's schedules, and some that are easy to get wrong. */
    private static final List<Meaning> MEANINGS =
            List.of(
                    new Meaning("0 2 * * *", t -> t.getHour() == 2 && t.getMinute() == 0),
                    new Meaning("0 * * * *", t -> t.getMinute() == 0),
                    new Meaning("30 */4 * * *", t -> t.getHour() % 4 == 0 && t.getMinute() == 30),
                    new Meaning("15 * * * *", t -> t.getMinute() == 15),
                    new Meaning("45 * * * *", t -> t.getMinute() == 45),
                    new Meaning(
                            "0 6 * * 0", t -> sunday(t) && t.getHour() == 6 && t.getMinute() == 0),
                    new Meaning(
                            "0 10 * * 7",
                            t -> sunday(t) && t.getHour() == 10 && t.getMinute() == 0),
                    new Meaning("*/7 * * * *", t -> t.getMinute() % 7 == 0),
                    new Meaning(
                            "0 0 1,15 * 5",
                            t ->
                                    midnight(t)
                                            && (t.getDayOfMonth() == 1
                                                    || t.getDayOfMonth() == 15
                                                    || t.getDayOfWeek() == DayOfWeek.FRIDAY)),
                    new Meaning(
                            "0 0 29 2 *",
                            t -> midnight(t) && t.getMonthValue() == 2 && t.getDayOfMonth() == 29),
                    new Meaning("0 0 31 * *", t -> midnight(t) && t.getDayOfMonth() == 31));

    private static boolean sunday(ZonedDateTime time) {
        return time.getDayOfWeek() == DayOfWeek.SUNDAY;
    }

    private static boolean midnight(ZonedDateTime time) {
        return time.getHour() == 0 && time.getMinute() == 0;
    }

    @Provide
    Arbitrary<Meaning> meanings() {
        return Arbitraries.of(MEANINGS);
    }

    @Property(tries = 200)
    void findsEveryMinuteThatTheExpressionMeansAndNoOther(
            @ForAll("meanings") Meaning meaning,
            @ForAll @LongRange(min = 1_700_000_000, max = 1_900_000_000) long fromSecond,
            @ForAll @IntRange(min = 1, max = 200_000) int seconds) {
        Instant after = Instant.ofEpochSecond(fromSecond);
        Instant upTo = after.plusSeconds(seconds);

        DueTimes due = CronTimes.parse(meaning.cron()).between(after, upTo, ALL);

        assertThat(due.times()).containsExactlyElementsOf(everyMinute(after, upTo, meaning.due()));
        assertThat(due.truncated()).isFalse();
    }

    @Property(tries = 200)
    void missesNothingAndRepeatsNothingHoweverAnIntervalIsCut(
            @ForAll("meanings") Meaning meaning,
            @ForAll @LongRange(min = 1_700_000_000, max = 1_900_000_000) long fromSecond,
            @ForAll List<@IntRange(min = 0, max = 20_000) Integer> steps) {
        CronTimes times = CronTimes.parse(meaning.cron());
        Instant start = Instant.ofEpochSecond(fromSecond);
        List<Instant> pieces = new ArrayList<>();
        Instant position = start;
        for (int step : steps) {
            Instant next = position.plusSeconds(step);
            pieces.addAll(times.between(position, next, ALL).times());
            position = next;
        }

        assertThat(pieces).isEqualTo(times.between(start, position, ALL).times());
    }

    private static List<Instant> everyMinute(
            Instant after, Instant upTo, Predicate<ZonedDateTime> due) {
        Instant first = after.truncatedTo(ChronoUnit.MINUTES).plus(Duration.ofMinutes(1));
        return Stream.iterate(
                        first,
                        minute -> !minute.isAfter(upTo),
                        minute -> minute.plus(Duration.ofMinutes(1)))
                .filter(minute -> due.test(minute.atZone(ZoneOffset.UTC)))
                .toList();
    }

    @Test
    void leavesTheBeginningOutAndTakesTheEndIn() {
        Instant two = Instant.parse("2026-11-22T02:00:00Z");
        CronTimes daily = CronTimes.parse("0 2 * * *");

        assertThat(daily.between(two.minusNanos(1), two, ALL).times()).containsExactly(two);
        assertThat(daily.between(two, two.plusSeconds(3600), ALL).times()).isEmpty();
        assertThat(daily.between(two.minusSeconds(60), two.minusNanos(1), ALL).times()).isEmpty();
    }

    @Test
    void keepsTheLatestWhereThereAreMoreThanAskedFor() {
        Instant end = Instant.parse("2026-11-22T06:30:00Z");

        DueTimes due =
                CronTimes.parse("0 * * * *").between(end.minus(Duration.ofDays(3650)), end, 2);

        assertThat(due.times())
                .containsExactly(
                        Instant.parse("2026-11-22T05:00:00Z"),
                        Instant.parse("2026-11-22T06:00:00Z"));
        assertThat(due.truncated()).isTrue();
    }

    @Test
    void findsNothingInAnIntervalThatRunsBackwards() {
        Instant now = Instant.parse("2026-11-22T06:30:00Z");

        assertThat(CronTimes.parse("* * * * *").between(now, now.minusSeconds(7200), ALL).times())
                .isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "x",
                "0 2 * *",
                "61 * * * *",
                "* * * * * *",
                "@daily",
                "0 0 30 2 *",
                "0 25 * * *"
            })
    void refusesWhatIsNoScheduleAndSaysHowToWriteOne(String expression) {
        assertThatThrownBy(() -> CronTimes.parse(expression))
                .isInstanceOfSatisfying(
                        CairnException.class,
                        e -> {
                            assertThat(e.code()).isEqualTo(ErrorCode.CONFIG_INVALID);
                            assertThat(e.getMessage()).contains("'" + expression + "'");
                            assertThat(e.hint())
                                    .hasValueSatisfying(
                                            hint -> assertThat(hint).contains("0 2 * * *"));
                        });
    }
}
