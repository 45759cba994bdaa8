package io.cairn.scheduler.policy;

import com.cronutils.model.CronType;
import com.cronutils.model.definition.CronDefinitionBuilder;
import com.cronutils.model.time.ExecutionTime;
import com.cronutils.parser.CronParser;
import io.cairn.model.error.CairnException;
import io.cairn.model.error.ErrorCode;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The due times of one cron expression: five fields as in POSIX {@code crontab}, always in UTC, so
 * that no hour is missing or doubled. Where both the day of the month and the day of the week are
 * restricted, either is enough, as POSIX says.
 *
 * <p>Immutable and thread-safe.
 */
public final class CronTimes {

    private final String expression;
    private final ExecutionTime times;

    private CronTimes(String expression, ExecutionTime times) {
        this.expression = expression;
        this.times = times;
    }

    /**
     * @throws CairnException {@link ErrorCode#CONFIG_INVALID} if it is no five-field expression, or
     *     is never due
     */
    public static CronTimes parse(String expression) {
        CronTimes parsed;
        try {
            CronParser parser =
                    new CronParser(CronDefinitionBuilder.instanceDefinitionFor(CronType.UNIX));
            parsed = new CronTimes(expression, ExecutionTime.forCron(parser.parse(expression)));
        } catch (IllegalArgumentException e) {
            throw invalid(expression, String.valueOf(e.getMessage()), e);
        }
        if (parsed.before(Instant.EPOCH.atZone(ZoneOffset.UTC).plusYears(60)).isEmpty()) {
            throw invalid(expression, "it is never due", null);
        }
        return parsed;
    }

    /**
     * The due times after {@code after}, up to and including {@code upTo}.
     *
     * @param limit at most so many, the latest ones
     */
    public DueTimes between(Instant after, Instant upTo, int limit) {
        List<Instant> found = new ArrayList<>();
        // The library looks strictly before: a nanosecond later includes upTo itself.
        ZonedDateTime from = upTo.plusNanos(1).atZone(ZoneOffset.UTC);
        Optional<ZonedDateTime> due = before(from);
        while (due.isPresent() && due.get().toInstant().isAfter(after)) {
            if (found.size() == limit) {
                return new DueTimes(found.reversed(), true);
            }
            found.add(due.get().toInstant());
            due = before(due.get());
        }
        return new DueTimes(found.reversed(), false);
    }

    private Optional<ZonedDateTime> before(ZonedDateTime time) {
        return times.lastExecution(time);
    }

    @Override
    public String toString() {
        return expression;
    }

    private static CairnException invalid(
            String expression, String why, @Nullable Throwable cause) {
        return new CairnException(
                ErrorCode.CONFIG_INVALID,
                "'" + expression + "' is not a schedule: " + why,
                "write five fields of cron in UTC: minute hour day-of-month month day-of-week, like '0 2 * * *'",
                cause);
    }
}
