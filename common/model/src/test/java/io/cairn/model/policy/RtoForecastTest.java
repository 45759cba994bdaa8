package io.cairn.model.policy;

import static org.assertj.core.api.Assertions.assertThat;

import io.cairn.model.policy.RtoForecast.Size;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.IntToLongFunction;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class RtoForecastTest {

    private static final Instant NOW = Instant.parse("2026-11-22T05:00:00Z");
    private static final Duration TOOK = Duration.ofMinutes(10);
    private static final Duration OBJECTIVE = Duration.ofMinutes(15);

    /** A GB each day on 100 GB: a third more in a month, half more in fifty days. */
    @Test
    void aRestoreTakesLongerInProportionToTheSize() {
        RtoForecast forecast =
                forecast(TOOK, daysAgo -> 100_000_000_000L - daysAgo * 1_000_000_000L)
                        .orElseThrow();

        assertThat(forecast.at()).isEqualTo(NOW.plus(Duration.ofDays(30)));
        assertThat(forecast.rto()).isCloseTo(Duration.ofMinutes(13), Duration.ofSeconds(2));
        assertThat(Duration.between(NOW, forecast.objectivePassedAt().orElseThrow()))
                .isCloseTo(Duration.ofDays(50), Duration.ofHours(2));
    }

    @Test
    void whatDoesNotGrowNeverPassesTheObjective() {
        assertThat(forecast(TOOK, _ -> 5_000).orElseThrow())
                .isEqualTo(new RtoForecast(NOW.plus(RtoForecast.AHEAD), TOOK, Optional.empty()));
        assertThat(forecast(TOOK, daysAgo -> 5_000 + daysAgo).orElseThrow().rto()).isEqualTo(TOOK);
    }

    @Test
    void whatIsPassedAlreadyIsPassedNow() {
        assertThat(forecast(Duration.ofMinutes(16), _ -> 5_000).orElseThrow().objectivePassedAt())
                .contains(NOW);
    }

    @Test
    void aDayOrTwoSayNothing() {
        assertThat(RtoForecast.of(NOW, TOOK, OBJECTIVE, List.of())).isEmpty();
        assertThat(
                        RtoForecast.of(
                                NOW,
                                TOOK,
                                OBJECTIVE,
                                List.of(
                                        new Size(NOW.minus(Duration.ofDays(1)), 1),
                                        new Size(NOW, 2),
                                        new Size(NOW.minus(Duration.ofDays(40)), 3))))
                .isEmpty();
    }

    private static Optional<RtoForecast> forecast(Duration took, IntToLongFunction bytes) {
        return RtoForecast.of(
                NOW,
                took,
                OBJECTIVE,
                IntStream.range(0, 20)
                        .mapToObj(daysAgo ->
                                new Size(
                                        NOW.minus(Duration.ofDays(daysAgo)),
                                        bytes.applyAsLong(daysAgo)))
                        .toList());
    }
}
