package io.cairn.scheduler.firing;

import io.cairn.model.error.CairnException;
import io.cairn.model.error.ErrorCode;
import java.time.Duration;

/**
 * Limits of what is published.
 *
 * @param lateAfter a due time that is looked at later than this after it passed counts as missed; 1
 *     minute to 1 hour
 * @param catchUpLimit at most so many missed due times of one schedule are published or announced,
 *     the latest; 1 to 10000
 * @param requestMemory how long an idempotency key is remembered; 1 hour to 365 days
 * @param clockTolerance how far in the future a request may say it was made; 1 second to 1 hour
 */
public record FiringRules(
        Duration lateAfter, int catchUpLimit, Duration requestMemory, Duration clockTolerance) {

    public static final FiringRules DEFAULT =
            new FiringRules(Duration.ofMinutes(5), 1000, Duration.ofDays(7), Duration.ofMinutes(5));

    public FiringRules {
        within("late-after", lateAfter, Duration.ofMinutes(1), Duration.ofHours(1));
        within("request-memory", requestMemory, Duration.ofHours(1), Duration.ofDays(365));
        within("clock-tolerance", clockTolerance, Duration.ofSeconds(1), Duration.ofHours(1));
        if (catchUpLimit < 1 || catchUpLimit > 10_000) {
            throw invalid("catch-up-limit", "1 to 10000");
        }
    }

    private static void within(String name, Duration value, Duration min, Duration max) {
        if (value.compareTo(min) < 0 || value.compareTo(max) > 0) {
            throw invalid(name, min + " to " + max);
        }
    }

    private static CairnException invalid(String name, String range) {
        return new CairnException(
                ErrorCode.CONFIG_INVALID,
                "cairn.scheduler." + name + " is out of range",
                "use " + range);
    }
}
